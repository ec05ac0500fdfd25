import { describeTls } from "./tls";

describeTls("1.20.4", false);
