#!/usr/bin/env escript
%% jose of Erlang, behind lines of JSON; ../libraries.mjs says what is asked and answered.

main(_) ->
    {ok, _} = application:ensure_all_started(jose),
    jose:json_module(jose_json_jiffy),
    io:setopts([{encoding, unicode}, binary]),
    loop().

loop() ->
    case io:get_line("") of
        eof -> ok;
        Line ->
            Reply = try #{value => answer(jose:decode(Line))}
                    catch _:Reason -> #{error => iolist_to_binary(io_lib:format("~0p", [Reason]))}
                    end,
            io:put_chars([iolist_to_binary(jose:encode(Reply)), "\n"]),
            loop()
    end.

answer(#{<<"op">> := <<"make">>, <<"alg">> := Alg}) -> export(jose_jwk:generate_key(kind(Alg)));
answer(#{<<"form">> := <<"set">>, <<"text">> := Text, <<"kid">> := Kid} = Ask) ->
    #{<<"keys">> := Keys} = jose:decode(Text),
    [Key] = [Key || #{<<"kid">> := One} = Key <- Keys, One =:= Kid],
    use(Ask, jose_jwk:from_map(Key));
answer(#{<<"form">> := Form, <<"text">> := Text} = Ask) -> use(Ask, load(Form, Text)).

kind(<<"ES256">>) -> {ec, <<"P-256">>};
kind(<<"ES384">>) -> {ec, <<"P-384">>};
kind(<<"ES512">>) -> {ec, <<"P-521">>};
kind(<<"EdDSA">>) -> {okp, 'Ed25519'};
kind(<<"HS", _/binary>>) -> {oct, 64};
kind(_) -> {rsa, 2048}.

load(<<"secret">>, Text) -> jose_jwk:from_oct(jose_base64url:'decode!'(Text));
load(<<"jwk">>, Text) -> jose_jwk:from_binary(Text);
load(_, Text) -> jose_jwk:from_pem(Text).

use(#{<<"op">> := <<"export">>}, Key) -> export(Key);
use(#{<<"op">> := <<"thumbprint">>}, Key) -> jose_jwk:thumbprint(Key);
use(#{<<"op">> := <<"sign">>, <<"alg">> := Alg, <<"claims">> := Claims} = Ask, Key) ->
    compact(jose_jwt:sign(Key, (maps:get(<<"header">>, Ask, #{}))#{<<"alg">> => Alg}, Claims));
use(#{<<"op">> := <<"signBytes">>, <<"alg">> := Alg, <<"payload">> := Payload} = Ask, Key) ->
    compact(jose_jws:sign(Key, jose_base64url:'decode!'(Payload), (maps:get(<<"header">>, Ask, #{}))#{<<"alg">> => Alg}));
use(#{<<"op">> := <<"verify">>, <<"alg">> := Alg, <<"token">> := Token}, Key) ->
    {true, Claims, _} = jose_jwt:verify_strict(Key, [Alg], Token),
    element(2, jose_jwt:to_map(Claims));
use(#{<<"op">> := <<"verifyBytes">>, <<"alg">> := Alg, <<"token">> := Token}, Key) ->
    {true, Payload, _} = jose_jws:verify_strict(Key, [Alg], Token),
    jose_base64url:encode(Payload, #{padding => false}).

compact(Signed) -> element(2, jose_jws:compact(Signed)).

export(Key) ->
    case jose_jwk:to_map(Key) of
        {_, #{<<"kty">> := <<"oct">>}} -> #{private => #{jwk => element(2, jose_jwk:to_binary(Key))}};
        {_, #{<<"d">> := _}} -> #{private => forms(Key), public => forms(jose_jwk:to_public(Key))};
        _ -> #{public => forms(Key)}
    end.

forms(Key) ->
    {_, Pem} = jose_jwk:to_pem(Key),
    #{jwk => element(2, jose_jwk:to_binary(Key)), name(Pem) => Pem}.

name(<<"-----BEGIN RSA", _/binary>>) -> pkcs1;
name(<<"-----BEGIN EC", _/binary>>) -> sec1;
name(<<"-----BEGIN PRIVATE", _/binary>>) -> pkcs8;
name(<<"-----BEGIN PUBLIC", _/binary>>) -> spki.
