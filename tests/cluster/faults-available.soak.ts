import { describeFaults } from "./faults";

describeFaults("faults-available", "every fault");
