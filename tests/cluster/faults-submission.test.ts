import { describeFaults } from "./faults";

describeFaults("faults-submission", "quick ones");
