package flink.kubernetes;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Runs a script in SQL as Flink 2's own SqlDriver does, in Flink 1, which has none: {@code --script TEXT}. The compiled class lies beside this file, so
 * that nobody needs a compiler; a test compiles it again and compares.
 */
public final class SqlScript {
  private static final Pattern SET =
      Pattern.compile("SET\\s+('(?:[^']|'')*'|[^\\s='\"]+)\\s*=\\s*('(?:[^']|'')*'|[^\\s'](?:.*\\S)?)\\s*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern STATEMENT_SET =
      Pattern.compile("\\s*(EXECUTE|BEGIN)\\s+STATEMENT\\s+SET\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern END = Pattern.compile(".*\\sEND\\s*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern BEGIN_SET =
      Pattern.compile("^\\s*BEGIN\\s+STATEMENT\\s+SET\\s*;", Pattern.CASE_INSENSITIVE);

  private SqlScript() {}

  public static void main(String[] arguments) {
    if (arguments.length != 2 || !arguments[0].equals("--script")) {
      throw new IllegalArgumentException("The arguments are --script TEXT");
    }
    Configuration options = new Configuration();
    TableEnvironment tables = null;
    for (String statement : statements(arguments[1])) {
      Matcher set = SET.matcher(statement);
      if (set.matches() && tables == null) {
        options.setString(unquoted(set.group(1)), unquoted(set.group(2)));
      } else if (set.matches()) {
        tables.getConfig().set(unquoted(set.group(1)), unquoted(set.group(2)));
      } else {
        if (tables == null) {
          tables = TableEnvironment.create(EnvironmentSettings.newInstance().withConfiguration(options).build());
        }
        tables.executeSql(BEGIN_SET.matcher(statement).replaceFirst("EXECUTE STATEMENT SET BEGIN"));
      }
    }
  }

  /** Without comments; a statement set is one statement. */
  static List<String> statements(String script) {
    List<String> found = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    // The same without what is in quotes.
    StringBuilder bare = new StringBuilder();
    for (int at = 0; at < script.length(); at++) {
      char letter = script.charAt(at);
      if (script.startsWith("--", at) || script.startsWith("/*", at) && !script.startsWith("/*+", at)) {
        String end = letter == '-' ? "\n" : "*/";
        int stop = script.indexOf(end, at + 2);
        at = stop < 0 ? script.length() : stop + end.length() - 1;
        letter = ' ';
      } else if (letter == '\'' || letter == '`') {
        int stop = script.indexOf(letter, at + 1);
        int next = stop < 0 ? script.length() : stop + 1;
        text.append(script, at, next);
        bare.append(letter);
        at = next - 1;
        continue;
      } else if (letter == ';' && (!STATEMENT_SET.matcher(bare).matches() || END.matcher(bare).matches())) {
        add(found, text);
        bare.setLength(0);
        continue;
      }
      text.append(letter);
      bare.append(letter);
    }
    add(found, text);
    return found;
  }

  private static void add(List<String> found, StringBuilder text) {
    if (text.toString().trim().length() > 0) {
      found.add(text.toString().trim());
    }
    text.setLength(0);
  }

  private static String unquoted(String text) {
    return text.startsWith("'") ? text.substring(1, text.length() - 1).replace("''", "'") : text;
  }
}
