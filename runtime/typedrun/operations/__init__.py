"""Operations of an API schema: descriptions as values, requests built and answers read without I/O, sent by a driver.

    descriptions   Operation and its parts: what a generated method describes
    places         arguments → text in path, query, header and cookie
    records        JSON Lines and JSON sequences
    bodies         arguments → the bytes of a body
    requests       Operation + arguments → Request          (pure)
    answers        Operation + Reply → value                (pure)
    signing        the document's `security` and the caller's keys → credentials of a request
    streams        answers that arrive as server-sent events or record by record
    client         Operations, the base of generated classes; ApiClient, the same with addresses and a key of its own

Each imports only those above it. Types are named by text (`"list[Model]"`) and looked up in the generated `types` package when the
first answer arrives.
"""

from typedrun.operations.answers import choose_answer as choose_answer
from typedrun.operations.answers import error_body as error_body
from typedrun.operations.answers import read_answer as read_answer
from typedrun.operations.client import ApiClient as ApiClient
from typedrun.operations.client import Operations as Operations
from typedrun.operations.descriptions import Answer as Answer
from typedrun.operations.descriptions import Body as Body
from typedrun.operations.descriptions import Credential as Credential
from typedrun.operations.descriptions import Operation as Operation
from typedrun.operations.descriptions import Parameter as Parameter
from typedrun.operations.descriptions import Part as Part
from typedrun.operations.requests import build_request as build_request
from typedrun.operations.streams import EventStream as EventStream
