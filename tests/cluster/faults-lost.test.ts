import { describeFaults } from "./faults";

describeFaults("faults-lost", "quick ones");
