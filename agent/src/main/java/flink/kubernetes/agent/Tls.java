package flink.kubernetes.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS from a folder of PEM files: the authority's ca.crt and, where clients show a certificate, tls.crt and tls.key. Files that change are read again. */
final class Tls {
  private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]+)-----END");

  private final Path folder;
  /** Whom the certificate has to be for, whatever the address; empty: the address. */
  private final String name;
  private String read = "";
  private SSLSocketFactory factory;

  Tls(Path folder, String name) {
    this.folder = folder;
    this.name = name;
  }

  /** To a process that nobody says any more how to verify. */
  static Tls unverified() {
    return new Tls(null, "");
  }

  synchronized SSLSocketFactory factory() throws IOException {
    String now = folder == null ? "none" : version("ca.crt") + version("tls.crt") + version("tls.key");
    if (factory != null && now.equals(read)) return factory;
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(folder == null ? null : own(), folder == null ? new TrustManager[] {new Anybody()} : trusted(), null);
      factory = new Named(context.getSocketFactory(), name, folder != null);
      read = now;
      return factory;
    } catch (GeneralSecurityException unusable) {
      throw new IOException("The files in " + folder + " cannot be used: " + unusable.getMessage(), unusable);
    }
  }

  private String version(String file) throws IOException {
    Path path = folder.resolve(file);
    return Files.exists(path) ? Files.getLastModifiedTime(path) + "/" + Files.size(path) + " " : "- ";
  }

  private Collection<? extends Certificate> certificates(String file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(folder.resolve(file))) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  private TrustManager[] trusted() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Certificate certificate : certificates("ca.crt")) store.setCertificateEntry("ca-" + store.size(), certificate);
    TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    return managers.getTrustManagers();
  }

  private KeyManager[] own() throws IOException, GeneralSecurityException {
    Path file = folder.resolve("tls.key");
    if (!Files.exists(file)) return null;
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", key(new String(Files.readAllBytes(file), StandardCharsets.US_ASCII)), new char[0], certificates("tls.crt").toArray(new Certificate[0]));
    KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, new char[0]);
    return managers.getKeyManagers();
  }

  /** A private key in PEM: PKCS#8, or PKCS#1 (RSA) and SEC1 (elliptic curves), which Java reads when they are put into PKCS#8. */
  static PrivateKey key(String pem) throws GeneralSecurityException {
    Matcher found = KEY.matcher(pem);
    if (!found.find()) throw new InvalidKeySpecException("tls.key is no private key in PEM");
    byte[] bytes = Base64.getMimeDecoder().decode(found.group(2));
    switch (found.group(1)) {
      case "":
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(bytes);
        try {
          return KeyFactory.getInstance("RSA").generatePrivate(spec);
        } catch (InvalidKeySpecException noRsa) {
          return KeyFactory.getInstance("EC").generatePrivate(spec);
        }
      case "RSA ":
        return KeyFactory.getInstance("RSA").generatePrivate(wrapped("06092a864886f70d0101010500", new byte[0], bytes));
      case "EC ":
        return KeyFactory.getInstance("EC").generatePrivate(wrapped("06072a8648ce3d0201", curve(bytes), bytes));
      default:
        throw new InvalidKeySpecException("tls.key is a private key of a kind that cannot be read: " + found.group(1).trim());
    }
  }

  private static PKCS8EncodedKeySpec wrapped(String algorithm, byte[] parameters, byte[] key) {
    return new PKCS8EncodedKeySpec(der(0x30, new byte[] {2, 1, 0}, der(0x30, hex(algorithm), parameters), der(4, key)));
  }

  /** The name of the curve, which a key of this kind has in it. */
  private static byte[] curve(byte[] key) throws InvalidKeySpecException {
    int at = key[1] == (byte) 0x81 ? 3 : 2;
    at += 3;
    at += 2 + key[at + 1];
    if (at + 3 >= key.length || key[at] != (byte) 0xa0) throw new InvalidKeySpecException("tls.key does not name its curve");
    byte[] name = new byte[key[at + 1]];
    System.arraycopy(key, at + 2, name, 0, name.length);
    return name;
  }

  private static byte[] der(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) length += part.length;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length >= 128) {
      out.write(length < 256 ? 0x81 : 0x82);
      if (length >= 256) out.write(length >> 8);
    }
    out.write(length);
    for (byte[] part : parts) out.write(part, 0, part.length);
    return out.toByteArray();
  }

  private static byte[] hex(String text) {
    byte[] bytes = new byte[text.length() / 2];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(text.substring(2 * i, 2 * i + 2), 16);
    return bytes;
  }

  /** Verifies, while it shakes hands, that the certificate is for a name, although an address is called. */
  private static final class Named extends SSLSocketFactory {
    private final SSLSocketFactory sockets;
    private final String name;
    private final boolean verified;

    Named(SSLSocketFactory sockets, String name, boolean verified) {
      this.sockets = sockets;
      this.name = name;
      this.verified = verified;
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
      SSLSocket secure = (SSLSocket) sockets.createSocket(socket, name.isEmpty() ? host : name, port, autoClose);
      SSLParameters parameters = secure.getSSLParameters();
      if (verified) parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
      return secure;
    }

    @Override
    public String[] getDefaultCipherSuites() {
      return sockets.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return sockets.getSupportedCipherSuites();
    }

    // A socket is made first, and then becomes one of these: see createSocket() of the superclass.

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      throw new IOException("no connection to " + host);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
      return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return createSocket(host.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
      return createSocket(host, port);
    }
  }

  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
