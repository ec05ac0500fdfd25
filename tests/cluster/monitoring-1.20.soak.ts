import { describeMonitoring } from "./monitoring";

describeMonitoring("1.20.4");
