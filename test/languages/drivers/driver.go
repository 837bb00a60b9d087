// A library of Go, named by the argument, behind lines of JSON; ../libraries.mjs says what is asked and answered.

package main

import (
	"bufio"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	golang "github.com/golang-jwt/jwt"
	"gopkg.in/square/go-jose.v2"
)

type request struct {
	Op, Alg, Form, Text, Token, Payload, Kid string
	Detached                                 bool
	Header                                   map[string]any
	Claims                                   golang.MapClaims
}

// must gives the value or leaves with the error, which answer catches.
func must(value any, err error) any {
	if err != nil {
		panic(err)
	}
	return value
}

func decoded(text string) []byte {
	return must(base64.RawURLEncoding.DecodeString(text)).([]byte)
}

func useGoJose(ask request, key any) any {
	switch ask.Op {
	case "thumbprint":
		return base64.RawURLEncoding.EncodeToString(must((&jose.JSONWebKey{Key: key}).Thumbprint(crypto.SHA256)).([]byte))
	case "sign", "signBytes":
		options := &jose.SignerOptions{}
		for name, value := range ask.Header {
			options.WithHeader(jose.HeaderKey(name), value)
		}
		if ask.Header["b64"] == false {
			options.WithBase64(false)
		}
		payload := must(json.Marshal(ask.Claims)).([]byte)
		if ask.Op == "signBytes" {
			payload = decoded(ask.Payload)
		}
		signer := must(jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(ask.Alg), Key: key}, options)).(jose.Signer)
		signed := must(signer.Sign(payload)).(*jose.JSONWebSignature)
		if ask.Detached {
			return must(signed.DetachedCompactSerialize())
		}
		return must(signed.CompactSerialize())
	}
	read := must(jose.ParseSigned(ask.Token)).(*jose.JSONWebSignature)
	if read.Signatures[0].Header.Algorithm != ask.Alg {
		panic("not the algorithm that was asked for")
	}
	if ask.Detached {
		payload := decoded(ask.Payload)
		must(nil, read.DetachedVerify(payload, key))
		return ask.Payload
	}
	payload := must(read.Verify(key)).([]byte)
	if ask.Op == "verifyBytes" {
		return base64.RawURLEncoding.EncodeToString(payload)
	}
	var claims map[string]any
	return must(&claims, json.Unmarshal(payload, &claims))
}

func useGolangJwt(ask request, key any) any {
	if ask.Op == "sign" {
		token := golang.NewWithClaims(golang.GetSigningMethod(ask.Alg), ask.Claims)
		for name, value := range ask.Header {
			token.Header[name] = value
		}
		return must(token.SignedString(key))
	}
	parser := golang.NewParser(golang.WithValidMethods([]string{ask.Alg}))
	return must(parser.Parse(ask.Token, func(*golang.Token) (any, error) { return key, nil })).(*golang.Token).Claims
}

func answer(line []byte) (reply map[string]any) {
	defer func() {
		if problem := recover(); problem != nil {
			reply = map[string]any{"error": fmt.Sprint(problem)}
		}
	}()
	var ask request
	must(nil, json.Unmarshal(line, &ask))
	if ask.Op == "make" {
		return map[string]any{"value": export(makeKey(ask.Alg))}
	}
	key := load(ask)
	if ask.Op == "export" {
		return map[string]any{"value": export(key)}
	}
	use := map[string]func(request, any) any{"go-jose": useGoJose, "golang-jwt": useGolangJwt}[os.Args[1]]
	return map[string]any{"value": use(ask, key)}
}

func main() {
	lines, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for line, err := lines.ReadBytes('\n'); err == nil; line, err = lines.ReadBytes('\n') {
		out.Encode(answer(line))
	}
}
