import { describeHighAvailability } from "./high-availability";

describeHighAvailability("1.20.4", 5);
