"""AWS refuses a template with a reference to an undeclared name before it creates anything. MiniStack uses
the name as the value."""

from patches import _patching


def apply() -> None:
    from ministack.services.cloudformation import engine

    validate = engine.validate_template_support

    def validate_template_support(template, conditions, params=None):
        validate(template, conditions, params)
        declared = {*(template.get("Parameters") or {}), *(template.get("Resources") or {})}
        for block in ("Resources", "Outputs"):
            names = {name for name, _ in engine._intrinsic_references(template.get(block) or {})}
            unresolved = sorted(name for name in names - declared if not name.startswith("AWS::"))
            if unresolved:
                raise ValueError(
                    f"Template format error: Unresolved resource dependencies [{', '.join(unresolved)}] "
                    f"in the {block} block of the template"
                )

    _patching.replace(validate, validate_template_support)
