package flink.kubernetes.examples;

/** What the command line says. A mistake in it is an {@link IllegalArgumentException} of one sentence. */
final class Arguments {
    private static final double MAX_RATE = 1_000_000;
    private static final double MAX_LOAD = 60_000;

    private double rate = 1;
    private double load = 0;

    /** Lines a second, of the whole job. Default 1. */
    double rate() {
        return rate;
    }

    /** Milliseconds of CPU time that a line costs the task that prints it. Default 0. */
    double load() {
        return load;
    }

    static Arguments parse(String... args) {
        Arguments parsed = new Arguments();
        for (int i = 0; i < args.length; i += 2) {
            String name = args[i];
            if (!name.equals("--rate") && !name.equals("--load")) {
                throw new IllegalArgumentException(
                        "Unknown argument '" + name + "': hello-world takes --rate <lines a second>"
                                + " and --load <milliseconds of CPU time for each line>.");
            }
            String text = i + 1 < args.length ? args[i + 1] : null;
            if (name.equals("--rate")) {
                // The smallest rate is one line in eleven days; 0 would mean a job that never prints.
                parsed.rate = number(name, text, 1 / MAX_RATE, MAX_RATE, "lines a second, greater than 0 and at most 1000000");
            } else {
                parsed.load = number(name, text, 0, MAX_LOAD, "milliseconds of CPU time for each line, from 0 to 60000");
            }
        }
        return parsed;
    }

    private static double number(String name, String text, double min, double max, String meaning) {
        if (text == null) {
            throw new IllegalArgumentException(name + " needs a number after it: " + meaning + ".");
        }
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        // Written so that NaN, too, is refused.
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(name + " is '" + text + "', but must be a number of " + meaning + ".");
        }
        return value;
    }

    private Arguments() {}
}
