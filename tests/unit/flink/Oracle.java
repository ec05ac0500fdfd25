import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.flink.runtime.util.bash.BashJavaUtils;

/**
 * Asks Flink's own BashJavaUtils, the program that the start scripts run, about many configurations in one JVM. Each line of
 * the input is its command line; each line of the answer is OK or ERROR and the text, in Base64.
 */
public class Oracle {
    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            String verdict = "OK";
            System.setOut(new PrintStream(text, true, StandardCharsets.UTF_8));
            try {
                BashJavaUtils.main(line.split(" "));
            } catch (Throwable error) {
                verdict = "ERROR";
                text.reset();
                StringBuilder messages = new StringBuilder();
                for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                    messages.append(cause.getMessage()).append('\n');
                }
                text.writeBytes(messages.toString().getBytes(StandardCharsets.UTF_8));
            }
            answers.println("ORACLE " + verdict + " " + Base64.getEncoder().encodeToString(text.toByteArray()));
            answers.flush();
        }
    }
}
