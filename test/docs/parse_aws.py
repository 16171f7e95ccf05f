"""Reads commands of the AWS CLI as the CLI does, and sends none.

Standard input: a JSON list of commands, each a list of arguments after `aws`. Standard output: a JSON list with what
the CLI says against each, or null. Names, required arguments, values, `--query` and the shape of what would be sent
are judged by the CLI and its service models.
"""

import contextlib
import io
import json
import sys

from awscli import clidriver
from awscli.customizations.commands import BasicCommand
from awscli.customizations.waiters import WaiterCaller
from botocore.session import Session
from botocore.validate import ParamValidator

SESSION = Session()


def validate(self, service_name, operation_name, parameters, parsed_globals):
    """Instead of sending: what botocore checks before it sends."""
    model = SESSION.get_service_model(service_name).operation_model(operation_name)
    report = ParamValidator().validate(parameters, model.input_shape)
    if report.has_errors():
        raise ValueError(report.generate_report())
    return 0


def everything_under(kind):
    for one in kind.__subclasses__():
        yield one
        yield from everything_under(one)


clidriver.CLIOperationCaller.invoke = validate
WaiterCaller.invoke = lambda self, service_name, operation_name, parameters, parsed_globals: 0


def read(driver, arguments):
    said = io.StringIO()
    # The commands that the CLI adds are known once its plug-ins are loaded.
    # They have read their arguments then.
    for kind in everything_under(BasicCommand):
        kind._run_main = lambda self, parsed_args, parsed_globals: 0
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            code = driver.main(arguments)
        except SystemExit as end:
            code = end.code
    return None if code in (0, None) else said.getvalue().strip()[-600:]


DRIVER = clidriver.create_clidriver()
print(json.dumps([read(DRIVER, arguments) for arguments in json.load(sys.stdin)]))
