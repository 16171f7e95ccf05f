"""Reads commands of the AWS CLI as the CLI does. Sends none, or with `--send` each.

Standard input: a JSON list of commands, each a list of arguments after `aws`. Standard output: a JSON list with what
the CLI says against each, or null. Names, required arguments, values, `--query` and the shape of what would be sent
are judged by the CLI and its service models. Both AWS CLI 1 and AWS CLI 2 can be read by, whichever Python finds.
"""

import base64
import contextlib
import io
import json
import sys

from awscli import clidriver
from awscli.customizations.commands import BasicCommand
from awscli.customizations.waiters import WaiterCaller

try:
    from awscli.botocore.session import Session
    from awscli.botocore.validate import ParamValidator
except ImportError:
    from botocore.session import Session
    from botocore.validate import ParamValidator

SENDS = "--send" in sys.argv
SESSION = Session()


def validate(self, service_name, operation_name, parameters, parsed_globals):
    """Instead of sending: what botocore checks before it sends."""
    model = SESSION.get_service_model(service_name).operation_model(operation_name)
    report = ParamValidator().validate(parameters, model.input_shape)
    if report.has_errors():
        raise ValueError(report.generate_report())
    # AWS CLI 2 decodes such text as base64, and AWS CLI 1 sends it as it is. Both read fileb:// alike.
    for name, shape in model.input_shape.members.items() if model.input_shape else []:
        if shape.type_name == "blob" and isinstance(parameters.get(name), str):
            base64.b64decode(parameters[name], validate=True)
    return 0


def read_only(kind, **_):
    """Lets a command that the CLI itself adds, such as `deploy`, end when its arguments are read."""
    kind._run_main = lambda self, parsed_args, parsed_globals: 0


def everything_under(kind):
    for one in kind.__subclasses__():
        yield one
        yield from everything_under(one)


if not SENDS:
    clidriver.CLIOperationCaller.invoke = validate
    WaiterCaller.invoke = lambda self, service_name, operation_name, parameters, parsed_globals: 0
    # AWS CLI 2 loads such a command with its first use.
    BasicCommand.__init_subclass__ = classmethod(read_only)
    for loaded in everything_under(BasicCommand):
        read_only(loaded)


def read(driver, arguments):
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            code = driver.main(arguments)
        except SystemExit as end:
            code = end.code
    return None if code in (0, None) else said.getvalue().strip()[-600:]


DRIVER = clidriver.create_clidriver()
print(json.dumps([read(DRIVER, arguments) for arguments in json.load(sys.stdin)]))
