import { describeHighAvailability } from "./high-availability";

describeHighAvailability("2.2.1", 5);
