import { describeFaults } from "./faults";

describeFaults("faults-available", "quick ones");
