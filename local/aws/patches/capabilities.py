"""A template with IAM resources needs CAPABILITY_IAM, or CAPABILITY_NAMED_IAM where it names them.
MiniStack asks for them only where it enforces IAM as a whole (AUTH=true)."""


def apply() -> None:
    from ministack.services.cloudformation import handlers

    handlers._capabilities_enforced = lambda: True
