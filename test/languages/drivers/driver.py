# A library of Python, named by the argument, behind lines of JSON; ../libraries.mjs says what is asked and answered.

import base64, functools, json, sys
from libraries import libraries

library = libraries[sys.argv[1]]()
load = functools.lru_cache(library['load']) # checking the primes of an RSA key takes longest


def decoded(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def answer(op, alg, form=None, text=None, header=None, claims=None, payload=None, token=None, kid=None, detached=False):
    if op == 'make':
        return library['export'](library['make'](alg), alg)
    if form == 'none':
        key = None
    elif form == 'set':
        key = library['key_set'](text, kid)
    else:
        key = load(form, decoded(text) if form == 'secret' else text, alg)
    if op == 'export':
        return library['export'](key, alg)
    if op == 'thumbprint':
        return library['thumbprint'](key)
    if op == 'sign':
        return library['sign'](key, {**(header or {}), 'alg': alg}, claims)
    if op == 'signBytes':
        return library['sign_bytes'](key, {**(header or {}), 'alg': alg}, decoded(payload), *([True] if detached else []))
    if op == 'verify':
        return library['verify'](key, alg, token)
    return base64.urlsafe_b64encode(library['verify_bytes'](key, alg, token, *([decoded(payload)] if detached else []))).rstrip(b'=').decode()


for line in sys.stdin:
    try:
        reply = {'value': answer(**json.loads(line))}
    except Exception as error:
        reply = {'error': f'{type(error).__name__}: {error}'}
    print(json.dumps(reply), flush=True)
