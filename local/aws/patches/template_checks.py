"""CloudFormation checks a template as a whole before it creates anything (AWS CloudFormation User Guide: "Resources
syntax", "DependsOn", "DeletionPolicy", "AWS::CloudFormation::CustomResource"). MiniStack passes these over: names of
resources, attributes and custom types, policies, DependsOn without a target, and circles."""

import re

from patches import _patching

ATTRIBUTES = {
    "Type", "Properties", "DependsOn", "Condition", "CreationPolicy", "DeletionPolicy", "Metadata", "UpdatePolicy",
    "UpdateReplacePolicy",
}  # fmt: skip
POLICIES = {
    "DeletionPolicy": {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"},
    "UpdateReplacePolicy": {"Delete", "Retain", "Snapshot"},
}


def problems(resources, references):
    """All faults of a template. `references` has, for each resource, the names that it reads or depends on."""
    for name, resource in resources.items():
        if not isinstance(resource, dict):
            continue
        if not re.fullmatch(r"[A-Za-z0-9]{1,255}", name):
            yield f"Template format error: Resource name {name} is non alphanumeric."
        for attribute in sorted(set(resource) - ATTRIBUTES):
            yield f"Invalid template resource property '{attribute}'"
        for attribute, allowed in POLICIES.items():
            policy = resource.get(attribute)
            if isinstance(policy, str) and policy not in allowed:
                yield f"Template format error: Unrecognized {attribute} {policy} for resource {name}"
        kind = str(resource.get("Type", ""))
        if kind.startswith("Custom::") and not re.fullmatch(r"Custom::[\w@-]{1,52}", kind):
            yield f"Template format error: {kind} is no name of a custom resource type"
        if _patching.is_custom_resource(kind) and "ServiceToken" not in (resource.get("Properties") or {}):
            yield f"Template format error: {name} needs the property ServiceToken"
    missing = sorted({target for targets in references.values() for target in targets} - set(resources))
    if missing:
        yield (
            f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
            "in the Resources block of the template"
        )
    circle = sorted(in_circles(references))
    if circle:
        yield f"Circular dependency between resources: [{', '.join(circle)}]"


def in_circles(references):
    """The resources that lead back to themselves."""

    def reach(start):
        seen, waiting = set(), list(references.get(start, ()))
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(references.get(name, ()))
        return seen

    return {name for name in references if name in reach(name)}


def depends_on(resource):
    targets = resource.get("DependsOn") or []
    return [targets] if isinstance(targets, str) else list(targets)


def apply() -> None:
    from ministack.services.cloudformation import engine

    validate = engine.validate_template_support

    def read_by(resource):
        return {target for target, _ in engine._intrinsic_references(resource.get("Properties") or {})}

    def validate_template_support(template, conditions, params=None):
        resources = template.get("Resources") or {}
        # A transform may still change everything.
        if not template.get("Transform"):
            references = {
                name: read_by(resource) & set(resources) | set(depends_on(resource))
                for name, resource in resources.items()
                if isinstance(resource, dict)
            }
            problem = next(problems(resources, references), None)
            if problem is not None:
                raise ValueError(problem)
        validate(template, conditions, params)

    _patching.replace(validate, validate_template_support)
