"""PyInstaller's hook: the transport, the models and their index are imported by name, which its analysis cannot see."""

from PyInstaller.utils.hooks import collect_submodules

from typedrun._pyinstaller import HookApi, generated_packages

hiddenimports = collect_submodules("typedrun", filter=lambda name: not name.startswith("typedrun._pyinstaller"))


def hook(hook_api: HookApi) -> None:
    """Take in every generated package that the program uses, whatever its name."""
    for package in generated_packages(hook_api.graph.get_code_using("typedrun.catalog")):
        hook_api.add_imports(*collect_submodules(package))
