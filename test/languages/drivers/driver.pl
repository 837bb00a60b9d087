# Crypt::JWT of Perl, on LibTomCrypt, behind lines of JSON; ../libraries.mjs says what is asked and answered.

use strict;
use warnings;
use Crypt::JWT qw(decode_jwt encode_jwt);
use Crypt::Misc qw(decode_b64u encode_b64u);
use Crypt::PK::ECC;
use Crypt::PK::Ed25519;
use Crypt::PK::RSA;
use JSON;

my %keys; # that were read before
my %curves = (ES256 => 'secp256r1', ES384 => 'secp384r1', ES512 => 'secp521r1');

sub kind {
  my ($alg) = @_;
  return $alg eq 'EdDSA' ? 'Crypt::PK::Ed25519' : $curves{$alg} ? 'Crypt::PK::ECC' : 'Crypt::PK::RSA';
}

sub make {
  my ($alg) = @_;
  my $key = kind($alg)->new;
  $key->generate_key($alg eq 'EdDSA' ? () : $curves{$alg} || 256); # octets, of RSA
  return $key;
}

sub export {
  my ($key) = @_;
  my %all;
  for my $part ($key->is_private ? ('private', 'public') : ('public')) {
    my %kinds = $key->isa('Crypt::PK::ECC') ? ($part => 'explicit', "${part}_short" => $part eq 'private' ? 'sec1' : 'spki')
      : $key->isa('Crypt::PK::RSA') ? ($part => 'pkcs1', $part eq 'public' ? (public_x509 => 'spki') : ())
      : ($part => $part eq 'private' ? 'pkcs8' : 'spki');
    $all{$part} = { jwk => $key->export_key_jwk($part), map { $kinds{$_} => $key->export_key_pem($_) } keys %kinds };
  }
  return \%all;
}

sub answer {
  my ($ask) = @_;
  my ($op, $alg, $form, $text) = @$ask{qw(op alg form text)};
  return export(make($alg)) if $op eq 'make';
  my @by = $form eq 'none' ? (allow_none => 1) : $form eq 'set' ? (kid_keys => $text)
    : (key => $form eq 'secret' ? decode_b64u($text) : $alg =~ /^HS/ ? decode_json($text) : ($keys{$alg, $text} ||= kind($alg)->new(\$text)));
  return export($by[1]) if $op eq 'export';
  return $by[1]->export_key_jwk_thumbprint('SHA256') if $op eq 'thumbprint';
  if ($op =~ /^sign/) {
    return encode_jwt(payload => $ask->{claims} || decode_b64u($ask->{payload}), @by, alg => $alg, extra_headers => $ask->{header} || {});
  }
  my $read = decode_jwt(token => $ask->{token}, @by, accepted_alg => $alg, decode_payload => $op eq 'verify' ? 1 : 0);
  return $op eq 'verify' ? $read : encode_b64u($read);
}

$| = 1;
while (my $line = <STDIN>) {
  my $value = eval { answer(decode_json($line)) };
  print encode_json($@ ? { error => "$@" } : { value => $value }), "\n";
}
