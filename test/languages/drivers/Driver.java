// java.security, with the provider that the argument names or its own, behind lines of JSON; ../libraries.mjs says what is
// asked and answered. It knows keys and signatures but no tokens.

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.security.*;
import java.security.cert.CertificateFactory;
import java.security.spec.*;
import java.util.*;
import java.util.regex.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Driver {
  static final Pattern member = Pattern.compile("\"(\\w+)\":\"((?:[^\"\\\\]++|\\\\.)*+)\"");
  static final Map<String, String> curves = Map.of("ES256", "secp256r1", "ES384", "secp384r1", "ES512", "secp521r1");

  static byte[] decoded(String text) {
    return Base64.getUrlDecoder().decode(text);
  }

  static String encoded(byte[] octets) {
    return "\"" + Base64.getUrlEncoder().withoutPadding().encodeToString(octets) + "\"";
  }

  static String form(String part, String form, String label, Key key) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
    String text = "-----BEGIN " + label + " KEY-----\n" + body + "\n-----END " + label + " KEY-----\n";
    return "\"" + part + "\":{\"" + form + "\":\"" + text.replace("\n", "\\n") + "\"}";
  }

  static String family(String alg) {
    return curves.containsKey(alg) ? "EC" : alg.equals("EdDSA") ? "Ed25519" : "RSA";
  }

  static String make(String alg) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(family(alg));
    if (curves.containsKey(alg)) generator.initialize(new ECGenParameterSpec(curves.get(alg)));
    KeyPair pair = generator.generateKeyPair();
    return "{" + form("private", "pkcs8", "PRIVATE", pair.getPrivate()) + "," + form("public", "spki", "PUBLIC", pair.getPublic()) + "}";
  }

  static Key load(String form, String text, String alg) throws Exception {
    if (form.equals("secret")) return new SecretKeySpec(decoded(text), "HmacSHA" + alg.substring(2));
    if (form.equals("x509")) return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(text.getBytes())).getPublicKey();
    byte[] der = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
    KeyFactory factory = KeyFactory.getInstance(family(alg));
    return form.equals("pkcs8") ? factory.generatePrivate(new PKCS8EncodedKeySpec(der)) : factory.generatePublic(new X509EncodedKeySpec(der));
  }

  static Signature engine(String alg) throws Exception {
    String bits = alg.substring(2);
    if (!alg.startsWith("PS")) return Signature.getInstance(alg.equals("EdDSA") ? "Ed25519" : "SHA" + bits + (alg.startsWith("ES") ? "withECDSAinP1363Format" : "withRSA"));
    Signature engine = Signature.getInstance("RSASSA-PSS");
    engine.setParameter(new PSSParameterSpec("SHA-" + bits, "MGF1", new MGF1ParameterSpec("SHA-" + bits), Integer.parseInt(bits) / 8, 1));
    return engine;
  }

  static String answer(Map<String, String> ask) throws Exception {
    String alg = ask.get("alg");
    if (ask.get("op").equals("make")) return make(alg);
    Key key = load(ask.get("form"), ask.get("text"), alg);
    byte[] input = decoded(ask.get("input"));
    boolean signs = ask.get("op").equals("raw");
    if (key instanceof SecretKeySpec) {
      Mac mac = Mac.getInstance(key.getAlgorithm());
      mac.init(key);
      byte[] tag = mac.doFinal(input);
      return signs ? encoded(tag) : "" + MessageDigest.isEqual(tag, decoded(ask.get("signature")));
    }
    Signature engine = engine(alg);
    if (signs) engine.initSign((PrivateKey) key);
    else engine.initVerify((PublicKey) key);
    engine.update(input);
    return signs ? encoded(engine.sign()) : "" + engine.verify(decoded(ask.get("signature")));
  }

  public static void main(String[] arguments) throws Exception {
    for (String name : arguments) Security.insertProviderAt((Provider) Class.forName(name).getDeclaredConstructor().newInstance(), 1);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      Map<String, String> ask = new HashMap<>();
      for (Matcher match = member.matcher(line); match.find(); ) ask.put(match.group(1), match.group(2).replace("\\n", "\n"));
      try {
        System.out.println("{\"value\":" + answer(ask) + "}");
      } catch (Exception error) {
        System.out.println("{\"error\":\"" + (error + "").replaceAll("[\"\\\\\\n]", " ") + "\"}");
      }
    }
  }
}
