"""Lets the tests drive Genesys' Python SDK: one JSON request a line in, one JSON answer a line out.

A request is {"login": {...}} or {"call": {"api", "method", "args", "options"}}, with the key of its client.
An answer is {"value", "lost"}, {"refused": {...}} or {"failed": "..."}. `lost` has the paths of the answer
that the models of the SDK have no place for.
"""

import json
import sys
import traceback

import PureCloudPlatformClientV2 as sdk
from PureCloudPlatformClientV2.rest import ApiException

# The value of an enumeration that the models do not know.
UNKNOWN_VALUE = 'outdated_sdk_version'

clients = {}


def login(key, host, port, client_id, client_secret):
    client = sdk.api_client.ApiClient()
    client.set_gateway(host, 'http', port, '', '')
    clients[key] = client.get_client_credentials_token(client_id, client_secret)


def call(key, api, method, args, options):
    client = clients[key]
    client.last_response = None
    result = getattr(getattr(sdk, api)(client), method)(*args, **options)
    value = client.sanitize_for_serialization(result)
    return {'value': value, 'lost': lost('', raw(client), value)}


def raw(client):
    """The last answer as it was sent; None where it is no JSON."""
    try:
        return json.loads(client.last_response.data)
    except ValueError:
        return None


def lost(path, sent, kept):
    if kept == UNKNOWN_VALUE:
        return [f'{path}: {sent}']
    if isinstance(sent, dict):
        kept = kept if isinstance(kept, dict) else {}
        return [
            deeper
            for name, value in sent.items()
            if value is not None
            for deeper in (lost(f'{path}/{name}', value, kept[name]) if name in kept else [f'{path}/{name}'])
        ]
    if isinstance(sent, list) and isinstance(kept, list):
        return [deeper for index, value in enumerate(sent) for deeper in lost(f'{path}/{index}', value, kept[index])]
    return []


def answer(request):
    try:
        if 'login' in request:
            login(request['client'], **request['login'])
            return {'value': None, 'lost': []}
        return call(request['client'], **request['call'])
    except ApiException as error:
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        return {'refused': {'status': error.status, 'body': error.body, 'headers': headers}}
    except Exception:
        return {'failed': traceback.format_exc()}


# The file of settings in the home directory is not watched.
sdk.configuration.live_reload_config = False
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line)), default=str), flush=True)
