package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void phasesMdIsMadeFromTheTable() throws IOException {
    Path page = Path.of("PHASES.md");
    String before = Files.exists(page) ? Files.readString(page) : "";
    Files.writeString(page, Table.markdown());
    assertEquals(Table.markdown(), before, "PHASES.md was not what the table says. It is now: commit it.");
  }

  @Test
  void nobodyClaimsButFromRest() {
    for (Phase from : Phase.values()) {
      if (from.atRest() || from == Phase.SUBMITTING) continue;
      assertFalse(Table.allows(Program.SUBMIT, from, Phase.SUBMITTING), "a submission claims from " + from);
    }
    assertTrue(Table.allows(Program.SUBMIT, Phase.STOPPED, Phase.SUBMITTING));
  }
}
