import { describeTls } from "./tls";

describeTls("2.2.1", true);
