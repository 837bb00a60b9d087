# What each library of Python is asked, as its documentation has it.

import json
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

text_of = lambda octets: octets.decode() if isinstance(octets, bytes) else octets
kinds = {'H': 'oct', 'R': 'RSA', 'P': 'RSA', 'E': 'EC'}
kind_of = lambda alg: 'OKP' if alg == 'EdDSA' else kinds[alg[0]]
size_of = lambda alg: {'ES256': 'P-256', 'ES384': 'P-384', 'ES512': 'P-521', 'EdDSA': 'Ed25519'}.get(alg, 2048 if alg[0] in 'RP' else 512)


# A certificate is a key to jwcrypto alone; elsewhere its user takes the key out of it.
def plain(form, text):
    if form != 'x509':
        return text if form == 'secret' else text.encode()
    return load_pem_x509_certificate(text.encode()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwcrypto():
    from jwcrypto import jwk, jws, jwt

    def load(form, text, alg):
        if form == 'secret':
            return jwk.JWK(kty='oct', k=jwk.base64url_encode(text))
        return jwk.JWK.from_json(text) if form == 'jwk' else jwk.JWK.from_pem(text.encode())

    def export(key, alg):
        if alg[0] == 'H':
            return {'private': {'jwk': key.export()}}
        public = {'jwk': key.export_public(), 'spki': text_of(key.export_to_pem())}
        return {'private': {'jwk': key.export_private(), 'pkcs8': text_of(key.export_to_pem(True, None))} if key.has_private else {}, 'public': public}

    def sign(key, header, claims):
        token = jwt.JWT(header, claims)
        token.make_signed_token(key)
        return token.serialize()

    def sign_bytes(key, header, payload, detached=False):
        token = jws.JWS(payload)
        token.add_signature(key, None, json.dumps(header))
        if detached:
            token.detach_payload()
        return token.serialize(True)

    def verify_bytes(key, alg, token, detached=None):
        read = jws.JWS()
        read.allowed_algs = [alg]
        read.deserialize(token)
        if detached is not None:
            read.objects['payload'] = detached
        read.verify(key)
        return read.payload

    def make(alg):
        return jwk.JWK.generate(kty=kind_of(alg), **({'size': size_of(alg)} if alg[0] in 'HRP' else {'crv': size_of(alg)}))

    return dict(
        make=make, load=load, export=export, thumbprint=lambda key: key.thumbprint(), key_set=lambda text, kid: jwk.JWKSet.from_json(text).get_key(kid),
        sign=sign, verify=lambda key, alg, token: json.loads(jwt.JWT(jwt=token, key=key, algs=[alg]).claims), sign_bytes=sign_bytes, verify_bytes=verify_bytes)


def pyjwt():
    import jwt
    from jwt.algorithms import get_default_algorithms
    algorithms = get_default_algorithms()

    def export(key, alg):
        prepared = algorithms[alg].prepare_key(key)
        forms = {'jwk': algorithms[alg].to_jwk(prepared)}
        return {'private': forms} if alg[0] == 'H' or hasattr(prepared, 'private_bytes') else {'public': forms}

    return dict(
        load=lambda form, text, alg: jwt.PyJWK(json.loads(text), alg).key if form == 'jwk' else plain(form, text), export=export,
        key_set=lambda text, kid: jwt.PyJWKSet.from_json(text)[kid].key,
        sign=lambda key, header, claims: jwt.encode(claims, key, header['alg'], header),
        verify=lambda key, alg, token: jwt.decode(token, key, [alg], {'verify_aud': False}),
        sign_bytes=lambda key, header, payload: jwt.api_jws.encode(payload, key, header['alg'], header),
        verify_bytes=lambda key, alg, token: jwt.api_jws.decode(token, key, [alg]))


def authlib():
    from authlib.jose import JsonWebKey, JsonWebSignature, JsonWebToken

    def load(form, text, alg):
        return JsonWebKey.import_key(json.loads(text)) if form == 'jwk' else JsonWebKey.import_key(plain(form, text), {'kty': kind_of(alg)})

    def export(key, alg):
        forms = lambda private: {'jwk': key.as_json(is_private=private), **({} if alg[0] == 'H' else {'pkcs8' if private else 'spki': text_of(key.as_pem(private))})}
        return {'private': forms(True)} if alg[0] == 'H' else {'private': {} if key.public_only else forms(True), 'public': forms(False)}

    return dict(
        make=lambda alg: JsonWebKey.generate_key(kind_of(alg), size_of(alg), is_private=True), load=load, export=export,
        thumbprint=lambda key: key.thumbprint(), key_set=lambda text, kid: JsonWebKey.import_key_set(json.loads(text)).find_by_kid(kid),
        sign=lambda key, header, claims: text_of(JsonWebToken([header['alg']]).encode(header, claims, key)),
        verify=lambda key, alg, token: JsonWebToken([alg]).decode(token, key),
        sign_bytes=lambda key, header, payload: text_of(JsonWebSignature([header['alg']]).serialize_compact(header, payload, key)),
        verify_bytes=lambda key, alg, token: JsonWebSignature([alg]).deserialize_compact(token, key)['payload'])


def python_jose():
    from jose import jwk, jws, jwt

    def export(key, alg):
        read = jwk.construct(key, alg)
        forms = {'jwk': json.dumps({name: text_of(value) for name, value in read.to_dict().items()})}
        return {'private': forms} if alg[0] == 'H' or not read.is_public() else {'public': forms}

    return dict(
        load=lambda form, text, alg: json.loads(text) if form == 'jwk' else plain(form, text), export=export,
        key_set=lambda text, kid: next(one for one in json.loads(text)['keys'] if one['kid'] == kid),
        sign=lambda key, header, claims: jwt.encode(claims, key, header['alg'], header),
        verify=lambda key, alg, token: jwt.decode(token, key, [alg], {'verify_aud': False}),
        sign_bytes=lambda key, header, payload: jws.sign(payload, key, header, header['alg']),
        verify_bytes=lambda key, alg, token: jws.verify(token, key, [alg]))


libraries = {'jwcrypto': jwcrypto, 'PyJWT': pyjwt, 'Authlib': authlib, 'python-jose': python_jose}
