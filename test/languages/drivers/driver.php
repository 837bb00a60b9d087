<?php
// phpseclib, which knows keys and signatures but no tokens, behind lines of JSON; ../libraries.mjs says what is asked and
// answered. Its own arithmetic is used, not the OpenSSL that PHP comes with.

require 'phpseclib3/autoload.php';

use phpseclib3\Crypt\EC;
use phpseclib3\Crypt\PublicKeyLoader;
use phpseclib3\Crypt\RSA;
use phpseclib3\Math\BigInteger;

EC::useInternalEngine();
RSA::useInternalEngine();

const CURVES = ['ES256' => 'nistp256', 'ES384' => 'nistp384', 'ES512' => 'nistp521', 'EdDSA' => 'Ed25519'];
const SIZES = ['ES256' => 32, 'ES384' => 48, 'ES512' => 66];

function decoded($text) {
  return base64_decode(strtr($text, '-_', '+/'));
}

function forms($key, $alg, $pkcs8) {
  $forms = ['jwk' => json_encode(json_decode($key->toString('JWK'))->keys[0]), $pkcs8 => $key->toString('PKCS8')];
  if (isset(SIZES[$alg])) return $pkcs8 === 'pkcs8' ? $forms + ['sec1' => $key->toString('PKCS1')] : $forms;
  return $alg === 'EdDSA' ? $forms : $forms + ['pkcs1' => $key->toString('PKCS1')];
}

function export_key($key, $alg) {
  if (!method_exists($key, 'getPublicKey')) return ['public' => forms($key, $alg, 'spki')];
  return ['private' => forms($key, $alg, 'pkcs8'), 'public' => forms($key->getPublicKey(), $alg, 'spki')];
}

function answer($ask) {
  $alg = $ask['alg'];
  if ($ask['op'] === 'make') return export_key(isset(CURVES[$alg]) ? EC::createKey(CURVES[$alg]) : RSA::createKey(2048), $alg);
  $key = PublicKeyLoader::load($ask['text']);
  if ($ask['op'] === 'export') return export_key($key, $alg);
  $bits = (int) substr($alg, 2);
  if ($key instanceof RSA) {
    $key = $key->withMGFHash("sha$bits")->withSaltLength(intdiv($bits, 8))->withPadding($alg[0] === 'P' ? RSA::SIGNATURE_PSS : RSA::SIGNATURE_PKCS1);
  }
  $size = SIZES[$alg] ?? 0;
  if ($size) $key = $key->withSignatureFormat('Raw');
  if ($alg !== 'EdDSA') $key = $key->withHash("sha$bits");
  $input = decoded($ask['input']);
  if ($ask['op'] === 'raw') {
    $signature = $key->sign($input);
    if ($size) $signature = implode(array_map(fn ($part) => str_pad($part->toBytes(), $size, "\0", STR_PAD_LEFT), [$signature['r'], $signature['s']]));
    return rtrim(strtr(base64_encode($signature), '+/', '-_'), '=');
  }
  $signature = decoded($ask['signature']);
  if (!$size) return $key->verify($input, $signature);
  if (strlen($signature) !== 2 * $size) return false;
  [$r, $s] = str_split($signature, $size);
  return $key->verify($input, ['r' => new BigInteger($r, 256), 's' => new BigInteger($s, 256)]);
}

while (($line = fgets(STDIN)) !== false) {
  try {
    $reply = ['value' => answer(json_decode($line, true))];
  } catch (Throwable $error) {
    $reply = ['error' => get_class($error) . ': ' . $error->getMessage()];
  }
  echo json_encode($reply), "\n";
}
