package flink.kubernetes.agent;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The one table of what each program does in each phase, and which changes of the phase it may write. PHASES.md is made from it. */
final class Table {
  enum Duty {
    CLAIM("claims: writes which job runs next, and from which state"),
    START("sees to it that the job which it claimed runs; of another claim it stops the job first"),
    STOP("brings the job to rest: its state stands in the ledger then"),
    WATCH("looks how the job is, notes its checkpoints, brings it back"),
    AGAIN("starts the job again when whoever stopped it has not gone on in time"),
    NOTE("writes down that this stays so"),
    TAKE("takes a savepoint"),
    WAIT("waits"),
    LEAVE("leaves it alone"),
    SLEEP("lets the pods of an application end after a while, where that was asked for"),
    SAY("says why no job runs");

    final String text;

    Duty(String text) {
      this.text = text;
    }
  }

  private static final String[] DUTIES = {
    //           none    submitting  running  upgrading  stopped  finished  failed
    "SUBMIT    | CLAIM | START     | STOP   | STOP     | CLAIM  | CLAIM   | STOP",
    "FOLLOW    | SAY   | START     | LEAVE  | WAIT     | WAIT   | LEAVE   | STOP",
    "GUARD     | SAY   | START     | WATCH  | AGAIN    | AGAIN  | SLEEP   | SAY",
    "REMOVAL   | LEAVE | STOP      | STOP   | STOP     | NOTE   | NOTE    | STOP",
    "PREPARE   | LEAVE | STOP      | STOP   | STOP     | NOTE   | LEAVE   | STOP",
    "PAUSE     | SAY   | SAY       | STOP   | STOP     | NOTE   | SAY     | SAY",
    "SAVEPOINT | SAY   | SAY       | TAKE   | SAY      | SAY    | SAY     | SAY",
    "LAUNCH    | WAIT  | START     | START  | NOTE     | WAIT   | LEAVE   | LEAVE",
  };

  private static final String[] CHANGES = {
    // What the ledger said before → what may be written: the same phase again, and any of these.
    "SUBMIT    | none       | none submitting upgrading    | the first job, or why it is not started; a job that runs and no ledger names",
    "SUBMIT    | submitting | submitting running finished stopped failed upgrading | the job of this claim; under another id when it was lost; the one before, when it is put back; a claim of another",
    "SUBMIT    | running    | running upgrading            | a message that is of no interest any more; the job is to be stopped: from here on it is nobody else's",
    "SUBMIT    | upgrading  | upgrading stopped finished running | it has ended; it could not be stopped and runs on",
    "SUBMIT    | stopped    | stopped submitting           | the next job; a verdict before it",
    "SUBMIT    | finished   | finished submitting          | the next job",
    "SUBMIT    | failed     | failed upgrading             | what is left of the job is looked for first",
    "FOLLOW    | submitting | submitting running finished stopped failed | what became of the job that the JobManager carries",
    "FOLLOW    | failed     | failed upgrading             | the update is run again: its submission has done its part and does not come again",
    "FOLLOW    | upgrading  | upgrading stopped finished running | the same",
    "FOLLOW    | stopped    | stopped submitting           | the same",
    "GUARD     | running    | running submitting stopped finished failed | a checkpoint; the job was lost; somebody stopped it by hand; its end",
    "GUARD     | submitting | submitting running finished stopped failed upgrading | the job that the guard claimed; one whose submission has not come to its end in time",
    "GUARD     | upgrading  | upgrading stopped finished running | nobody finishes the stop; it could not be stopped and runs on",
    "GUARD     | stopped    | stopped submitting           | nobody starts it; why it cannot be",
    "GUARD     | finished   | finished                     | since when; how many pods there were",
    "GUARD     | failed     | failed upgrading             | this revision is wanted again, or what failed was the infrastructure",
    "REMOVAL   | running    | upgrading                    | the job leaves the program",
    "REMOVAL   | submitting | upgrading                    | the same",
    "REMOVAL   | upgrading  | upgrading stopped finished   | the same",
    "REMOVAL   | stopped    | stopped                      | a later guard starts it again",
    "REMOVAL   | finished   | finished                     | a later submission does not",
    "REMOVAL   | failed     | upgrading                    | what it left is written down",
    "PREPARE   | running    | running upgrading            | the cluster is to change",
    "PREPARE   | submitting | upgrading                    | a submission that was left behind",
    "PREPARE   | upgrading  | upgrading stopped finished running | it has ended; it could not be stopped and runs on",
    "PREPARE   | stopped    | stopped                      | on which cluster it goes on",
    "PREPARE   | failed     | failed upgrading             | what it left is written down, before the JobManager that knows it goes",
    "PAUSE     | running    | running upgrading            | a person pauses it",
    "PAUSE     | upgrading  | upgrading stopped finished running | it has ended; it could not be stopped and runs on",
    "PAUSE     | stopped    | stopped                      | it stays so",
    "SAVEPOINT | running    | running                      | a state was made, or disposed of",
    "SAVEPOINT | submitting | submitting                   | a state was disposed of",
    "SAVEPOINT | upgrading  | upgrading                    | the same",
    "SAVEPOINT | stopped    | stopped                      | the same",
    "SAVEPOINT | finished   | finished                     | the same",
    "SAVEPOINT | failed     | failed                       | the same",
    "LAUNCH    | submitting | submitting                   | under which id the JobManager starts it; nothing of it runs in a container of another revision",
    "LAUNCH    | running    | running                      | the same, when its process is a new one",
    "LAUNCH    | upgrading  | upgrading                    | nothing runs in its container",
    "LAUNCH    | failed     | failed                       | nothing of it runs in a container of another revision",
  };

  private static final Map<Program, Map<Phase, Duty>> DUTY = new EnumMap<>(Program.class);
  private static final Map<String, String[]> CHANGE = new LinkedHashMap<>();

  static {
    for (String line : DUTIES) {
      String[] cells = line.split("\\|");
      Map<Phase, Duty> row = new EnumMap<>(Phase.class);
      for (Phase phase : Phase.values()) row.put(phase, Duty.valueOf(cells[phase.ordinal() + 1].trim()));
      DUTY.put(Program.valueOf(cells[0].trim()), row);
    }
    for (String line : CHANGES) {
      String[] cells = line.split("\\|");
      CHANGE.put(key(Program.valueOf(cells[0].trim()), Phase.valueOf(cells[1].trim().toUpperCase())), new String[] {" " + cells[2].trim() + " ", cells[3].trim()});
    }
  }

  private Table() {}

  private static String key(Program program, Phase from) {
    return program + " " + from;
  }

  static Duty duty(Program program, Phase phase) {
    return DUTY.get(program).get(phase);
  }

  static boolean allows(Program program, Phase from, Phase to) {
    String[] row = CHANGE.get(key(program, from));
    return row != null && row[0].contains(" " + to.name().toLowerCase() + " ");
  }

  /** PHASES.md. */
  static String markdown() {
    StringBuilder text = new StringBuilder("# Phases of a ledger\n\nMade from `Table.java` by `mvn test`; do not edit.\n\n## What each program does in each phase\n\n| |");
    for (Phase phase : Phase.values()) text.append(' ').append(phase == Phase.NONE ? "none" : phase.text).append(" |");
    text.append("\n|---|").append("---|".repeat(Phase.values().length)).append('\n');
    DUTY.forEach((program, row) -> {
      text.append("| ").append(name(program)).append(" |");
      row.forEach((phase, duty) -> text.append(' ').append(duty.name().toLowerCase()).append(" |"));
      text.append('\n');
    });
    text.append('\n');
    for (Duty duty : Duty.values()) text.append("- **").append(duty.name().toLowerCase()).append("**: ").append(duty.text).append(".\n");
    text.append("\n## Who may write which change\n\n| program | from | to | when |\n|---|---|---|---|\n");
    CHANGE.forEach((key, row) -> {
      String[] parts = key.split(" ");
      text.append("| ").append(name(Program.valueOf(parts[0]))).append(" | ").append(parts[1].toLowerCase()).append(" | ").append(row[0].trim().replace(" ", ", ")).append(" | ").append(row[1]).append(" |\n");
    });
    return text.toString();
  }

  private static String name(Program program) {
    return program.name().toLowerCase();
  }
}
