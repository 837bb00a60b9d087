// Keys as Go makes, reads and writes them.

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"

	golang "github.com/golang-jwt/jwt"
	"gopkg.in/square/go-jose.v2"
)

func makeKey(alg string) crypto.Signer {
	if curve := map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}[alg]; curve != nil {
		return must(ecdsa.GenerateKey(curve, rand.Reader)).(crypto.Signer)
	}
	if alg == "EdDSA" {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err).(crypto.Signer)
	}
	return must(rsa.GenerateKey(rand.Reader, 2048)).(crypto.Signer)
}

// read makes the readers of golang-jwt alike.
func read[K any](parse func([]byte) (K, error)) func([]byte) (any, error) {
	return func(text []byte) (any, error) { return parse(text) }
}

var readers = []func([]byte) (any, error){
	read(golang.ParseRSAPrivateKeyFromPEM), read(golang.ParseRSAPublicKeyFromPEM), read(golang.ParseECPrivateKeyFromPEM),
	read(golang.ParseECPublicKeyFromPEM), read(golang.ParseEdPrivateKeyFromPEM), read(golang.ParseEdPublicKeyFromPEM),
	func(text []byte) (any, error) {
		block, _ := pem.Decode(text)
		if block.Type == "CERTIFICATE" {
			certificate, err := x509.ParseCertificate(block.Bytes)
			return certificate.PublicKey, err
		}
		return x509.ParsePKCS1PublicKey(block.Bytes)
	},
}

func load(ask request) any {
	switch ask.Form {
	case "none":
		return golang.UnsafeAllowNoneSignatureType
	case "secret":
		return decoded(ask.Text)
	case "jwk":
		var key jose.JSONWebKey
		must(nil, key.UnmarshalJSON([]byte(ask.Text)))
		return key.Key
	case "set":
		var set jose.JSONWebKeySet
		must(nil, json.Unmarshal([]byte(ask.Text), &set))
		return set.Key(ask.Kid)[0].Key
	}
	for _, reader := range readers {
		if key, err := reader([]byte(ask.Text)); err == nil {
			return key
		}
	}
	panic("no key that Go can read")
}

func armour(label string, der any) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der.([]byte)}))
}

func forms(key any) map[string]string {
	all := map[string]string{"jwk": string(must(jose.JSONWebKey{Key: key}.MarshalJSON()).([]byte))}
	switch one := key.(type) {
	case []byte:
		return all
	case *rsa.PrivateKey:
		all["pkcs1"] = armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(one))
	case *rsa.PublicKey:
		all["pkcs1"] = armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(one))
	case *ecdsa.PrivateKey:
		all["sec1"] = armour("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(one)))
	}
	if _, isPrivate := key.(crypto.Signer); isPrivate {
		all["pkcs8"] = armour("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key)))
	} else {
		all["spki"] = armour("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(key)))
	}
	return all
}

func export(key any) map[string]any {
	if private, isPrivate := key.(crypto.Signer); isPrivate {
		return map[string]any{"private": forms(key), "public": forms(private.Public())}
	}
	if _, isSecret := key.([]byte); isSecret {
		return map[string]any{"private": forms(key)}
	}
	return map[string]any{"public": forms(key)}
}
