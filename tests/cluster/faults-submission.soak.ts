import { describeFaults } from "./faults";

describeFaults("faults-submission", "every fault");
