import { describeMonitoring } from "./monitoring";

describeMonitoring("2.2.1");
