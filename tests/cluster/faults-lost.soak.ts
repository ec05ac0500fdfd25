import { describeFaults } from "./faults";

describeFaults("faults-lost", "every fault");
