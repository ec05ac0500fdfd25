package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final String SERVICE = "cluster-jobmanager.ns.svc";
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir
  Path folder;

  /** A key with a certificate for these names, which is its own authority. */
  private KeyStore store(String file, String names, String... kind) throws Exception {
    Path path = folder.resolve(file);
    String[] command = {System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-alias", "own", "-storetype", "PKCS12", "-keystore", path.toString(), "-storepass", "changeit", "-dname", "CN=test", "-ext", "SAN=" + names};
    String[] all = Arrays.copyOf(command, command.length + kind.length);
    System.arraycopy(kind, 0, all, command.length, kind.length);
    assertEquals(0, new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor());
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(path)) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private KeyStore rsa(String file, String names) throws Exception {
    return store(file, names, "-keyalg", "RSA", "-keysize", "2048");
  }

  private Fake server(KeyStore store, KeyStore clients) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("client", (clients == null ? store : clients).getCertificate("own"));
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return new Fake(request -> Fake.answer(200, "{}"), new HttpsConfigurator(context) {
      @Override
      public void configure(HttpsParameters parameters) {
        SSLParameters ours = context.getDefaultSSLParameters();
        ours.setNeedClientAuth(clients != null);
        parameters.setSSLParameters(ours);
      }
    });
  }

  private static String pem(String kind, byte[] bytes) {
    return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + kind + "-----\n";
  }

  private Path files(KeyStore authority) throws Exception {
    Path files = Files.createTempDirectory(folder, "files");
    Files.writeString(files.resolve("ca.crt"), pem("CERTIFICATE", authority.getCertificate("own").getEncoded()));
    return files;
  }

  private static Http.Reply call(Fake server, Tls tls) {
    return new Http(tls).send("GET", server.url() + "/", Collections.emptyMap(), null, 10_000);
  }

  @Test
  void theNameOfTheServiceCountsAndNotTheAddress() throws Exception {
    KeyStore store = rsa("service", "dns:" + SERVICE);
    try (Fake server = server(store, null)) {
      assertEquals(200, call(server, new Tls(files(store), SERVICE)).status);
      Http.Reply other = call(server, new Tls(files(store), "other-jobmanager.ns.svc"));
      assertEquals(0, other.status);
      assertTrue(other.silence.contains("No subject alternative DNS name matching"), other.silence);
      // The Kubernetes API is called by its address.
      assertEquals(0, call(server, new Tls(files(store), "")).status);
      assertEquals(1, server.asked.size());
    }
    KeyStore address = rsa("address", "ip:127.0.0.1");
    try (Fake server = server(address, null)) {
      assertEquals(200, call(server, new Tls(files(address), "")).status);
    }
  }

  @Test
  void anotherAuthorityIsNotTrusted() throws Exception {
    try (Fake server = server(rsa("service", "dns:" + SERVICE), null)) {
      Http.Reply reply = call(server, new Tls(files(rsa("other", "dns:" + SERVICE)), SERVICE));
      assertEquals(0, reply.status);
      assertEquals(0, server.asked.size());
      assertEquals(200, call(server, Tls.unverified()).status);
    }
  }

  @Test
  void aServerWithoutTlsIsSentNothing() throws Exception {
    KeyStore store = rsa("service", "dns:" + SERVICE);
    try (Fake server = new Fake(request -> Fake.answer(200, "{}"))) {
      Http.Reply reply = new Http(new Tls(files(store), SERVICE)).send("GET", server.url().replace("http:", "https:"), Collections.emptyMap(), null, 10_000);
      assertEquals(0, reply.status);
      assertEquals(0, server.asked.size());
    }
  }

  @Test
  void aCertificateIsShownWhereOneIsWanted() throws Exception {
    KeyStore service = rsa("service", "dns:" + SERVICE), client = rsa("client", "dns:client"), curve = store("curve", "dns:curve", "-keyalg", "EC", "-groupname", "secp256r1");
    try (Fake server = server(service, client)) {
      assertEquals(0, call(server, new Tls(files(service), SERVICE)).status);
      byte[] pkcs8 = client.getKey("own", PASSWORD).getEncoded();
      // What is before it says that it is a key of RSA.
      byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
      for (String key : new String[] {pem("PRIVATE KEY", pkcs8), pem("RSA PRIVATE KEY", pkcs1)}) assertEquals(200, call(server, new Tls(shown(service, client, key), SERVICE)).status, key.substring(0, 30));
    }
    try (Fake server = server(service, curve)) {
      byte[] pkcs8 = curve.getKey("own", PASSWORD).getEncoded();
      assertEquals(200, call(server, new Tls(shown(service, curve, pem("PRIVATE KEY", pkcs8)), SERVICE)).status);
    }
  }

  private Path shown(KeyStore authority, KeyStore own, String key) throws Exception {
    Path files = files(authority);
    Files.writeString(files.resolve("tls.crt"), pem("CERTIFICATE", own.getCertificate("own").getEncoded()));
    Files.writeString(files.resolve("tls.key"), key);
    return files;
  }

  @Test
  void aKeyOfACurveInItsOwnFormIsRead() throws Exception {
    // openssl ecparam -name prime256v1 -genkey -noout
    String key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIFLxp6I8ZuRRy+RezcDglIRVDGT16zzQ9b8M6deoraGqoAoGCCqGSM49\nAwEHoUQDQgAEx8iGLTmIFkUZ7enAX5kyvdnxH0GaUM0FzgjcOEYFG9DPv7V0JOr0\ndVqP3bRbS6x5iUqNypnuHfYSyW8cRfOuyA==\n-----END EC PRIVATE KEY-----\n";
    assertEquals("EC", Tls.key(key).getAlgorithm());
  }

  @Test
  void filesThatChangeAreReadAgainAndOthersAreNot() throws Exception {
    KeyStore before = rsa("before", "dns:" + SERVICE), after = rsa("after", "dns:" + SERVICE);
    Path files = files(before);
    Tls tls = new Tls(files, SERVICE);
    try (Fake server = server(after, null)) {
      assertEquals(0, call(server, tls).status);
      assertTrue(tls.factory() == tls.factory());
      Files.writeString(files.resolve("ca.crt"), pem("CERTIFICATE", after.getCertificate("own").getEncoded()) + "\n");
      assertEquals(200, call(server, tls).status);
    }
  }

  @Test
  void whatCannotBeUsedIsSaid() throws Exception {
    Path files = Files.createTempDirectory(folder, "files");
    try (Fake server = server(rsa("service", "dns:" + SERVICE), null)) {
      assertTrue(call(server, new Tls(files, SERVICE)).silence.contains("ca.crt"));
    }
  }
}
