"""A template with IAM resources needs CAPABILITY_IAM, or CAPABILITY_NAMED_IAM if it names them.
MiniStack asks for them only with AUTH=true."""


def apply() -> None:
    from ministack.services.cloudformation import handlers

    handlers._capabilities_enforced = lambda: True
