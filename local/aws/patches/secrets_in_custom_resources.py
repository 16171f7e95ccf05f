"""Dynamic references to secure values (`secretsmanager`, `ssm-secure`) are not supported in custom resources:
the function gets the reference as it stands (docs.aws.amazon.com, "Using dynamic references to specify template
values"). MiniStack puts the secret there."""

import re

from patches import _patching

SECURE = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure):")
KEPT = re.compile(r"\{\{kept:(secretsmanager|ssm-secure):")


def changed(pattern, replacement, node):
    if isinstance(node, str):
        return pattern.sub(replacement, node)
    if isinstance(node, list):
        return [changed(pattern, replacement, item) for item in node]
    if isinstance(node, dict):
        return {key: changed(pattern, replacement, value) for key, value in node.items()}
    return node


def apply() -> None:
    from ministack.services.cloudformation import engine

    resolve = engine._resolve_dynamic_references

    def resolve_dynamic_references(value, *args, **options):
        # Only properties of a custom resource have a ServiceToken.
        if not (isinstance(value, dict) and "ServiceToken" in value):
            return resolve(value, *args, **options)
        resolved, values = resolve(changed(SECURE, r"{{kept:\1:", value), *args, **options)
        return changed(KEPT, r"{{resolve:\1:", resolved), values

    _patching.replace(resolve, resolve_dynamic_references)
