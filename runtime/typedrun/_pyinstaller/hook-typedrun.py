"""PyInstaller's hook: the transport, the models and their index are imported by name, which its analysis cannot see."""

from PyInstaller.utils.hooks import collect_submodules

from typedrun._pyinstaller import HookApi, generated_packages, is_imported_by_name

hiddenimports = collect_submodules("typedrun", filter=is_imported_by_name)


def hook(hook_api: HookApi) -> None:
    """Take in every generated package that the program uses, whatever its name."""
    for package in generated_packages(hook_api.graph.get_code_using("typedrun.catalog")):
        hook_api.add_imports(*collect_submodules(package))
