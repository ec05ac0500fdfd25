import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
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
                if (line.startsWith("PARSE ")) {
                    parse(line.split(" ", -1));
                } else {
                    BashJavaUtils.main(line.split(" "));
                }
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

    /** Reads a value, in Base64, as an option of some type: PARSE type value. */
    private static void parse(String[] words) {
        String value = new String(Base64.getDecoder().decode(words[2]), StandardCharsets.UTF_8);
        Configuration configuration = Configuration.fromMap(Map.of("key", value));
        ConfigOptions.OptionBuilder key = ConfigOptions.key("key");
        switch (words[1]) {
            case "Boolean": configuration.get(key.booleanType().noDefaultValue()); break;
            case "Integer": configuration.get(key.intType().noDefaultValue()); break;
            case "Long": configuration.get(key.longType().noDefaultValue()); break;
            case "Double": configuration.get(key.doubleType().noDefaultValue()); break;
            case "Float": configuration.get(key.floatType().noDefaultValue()); break;
            case "Duration": configuration.get(key.durationType().noDefaultValue()); break;
            case "MemorySize": configuration.get(key.memoryType().noDefaultValue()); break;
            case "Enum": configuration.get(key.enumType(JobManagerOptions.SchedulerType.class).noDefaultValue()); break;
            default: throw new IllegalArgumentException(words[1]);
        }
    }
}
