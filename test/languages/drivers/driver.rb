# A library of Ruby, named by the argument, behind lines of JSON; ../libraries.mjs says what is asked and answered.

require 'base64'
require 'json'
require 'openssl'
BY_JWT = ARGV[0] == 'ruby-jwt'
require BY_JWT ? 'jwt' : 'json/jwt'

CURVES = { 'ES256' => 'prime256v1', 'ES384' => 'secp384r1', 'ES512' => 'secp521r1' }.freeze

def load_key(form, text)
  return nil if form == 'none'
  return Base64.urlsafe_decode64(text) if form == 'secret'
  return OpenSSL::X509::Certificate.new(text).public_key if form == 'x509'
  return OpenSSL::PKey.read(text) unless form == 'jwk'

  BY_JWT ? JWT::JWK.import(JSON.parse(text)).keypair : JSON::JWK.new(JSON.parse(text)).to_key
end

def export(key)
  jwk = ->(one, is_private) { (BY_JWT ? JWT::JWK.new(one).export(include_private: is_private) : JSON::JWK.new(one)).to_json }
  return { private: { jwk: jwk.call(key, true) } } if key.is_a?(String)

  public_key = OpenSSL::PKey.read(key.public_to_pem)
  forms = { public: { jwk: jwk.call(public_key, false), spki: key.public_to_pem } }
  is_private = key.is_a?(OpenSSL::PKey::EC) ? key.private_key? : key.private?
  is_private ? forms.merge(private: { jwk: jwk.call(key, true), pkcs8: key.private_to_pem }) : forms
end

def sign(ask, key)
  header = ask['header'] || {}
  return JWT.encode(ask['claims'], key, ask['alg'], header) if BY_JWT

  token = JSON::JWT.new(ask['claims'])
  token.header.update(header)
  token.sign(key, ask['alg'].to_sym).to_s
end

def verify(ask, key, **more)
  return JWT.decode(ask['token'], key, true, algorithms: [ask['alg']], **more)[0] if BY_JWT

  JSON::JWT.decode(ask['token'], key, [ask['alg'].to_sym])
end

def verify_by_set(ask)
  set = JSON.parse(ask['text'])
  BY_JWT ? verify(ask, nil, jwks: set) : verify(ask, JSON::JWK::Set.new(set['keys']))
end

def answer(ask)
  alg = ask['alg']
  return export(CURVES[alg] ? OpenSSL::PKey::EC.generate(CURVES[alg]) : OpenSSL::PKey::RSA.new(2048)) if ask['op'] == 'make'
  return verify_by_set(ask) if ask['form'] == 'set'

  key = load_key(ask['form'], ask['text'])
  case ask['op']
  when 'export' then export(key)
  when 'sign' then sign(ask, key)
  when 'verify' then verify(ask, key)
  when 'thumbprint' then BY_JWT ? JWT::JWK::Thumbprint.new(JWT::JWK.new(key)).generate : JSON::JWK.new(key).thumbprint
  end
end

$stdout.sync = true
$stdin.each_line do |line|
  reply = begin
    { value: answer(JSON.parse(line)) }
  rescue StandardError => e
    { error: "#{e.class}: #{e.message}" }
  end
  puts JSON.generate(reply)
end
