import type { Fixtures } from "../../core/fixtures";
import { pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({ securityContext: { sysctls: [{ name: "kernel.msgmax", value: "65536" }] } })] },
    {
      manifests: [
        pod({ securityContext: { sysctls: [{ name: "net.ipv4.ip_local_reserved_ports", value: "1" }] } }),
      ],
      config: { podSecurityVersion: "v1.26" },
    },
    {
      manifests: [
        pod({ securityContext: { sysctls: [{ name: "net.ipv4.tcp_keepalive_time", value: "1" }] } }),
      ],
      config: { podSecurityVersion: "v1.28" },
    },
    {
      manifests: [pod({ securityContext: { sysctls: [{ name: "net.ipv4.tcp_rmem", value: "1" }] } })],
      config: { podSecurityVersion: "v1.31" },
    },
    {
      manifests: [
        pod({ securityContext: { sysctls: [{ name: "net.ipv4.tcp_notsent_lowat", value: "1" }] } }),
      ],
      config: { podSecurityVersion: "v1.36" },
    },
  ],
  passes: [
    {
      manifests: [
        pod({
          securityContext: {
            sysctls: [
              { name: "kernel.shm_rmid_forced", value: "0" },
              { name: "net.ipv4.ip_local_port_range", value: "1" },
              { name: "net.ipv4.tcp_syncookies", value: "0" },
              { name: "net.ipv4.ping_group_range", value: "1" },
              { name: "net.ipv4.ip_unprivileged_port_start", value: "1" },
            ],
          },
        }),
      ],
      config: { podSecurityVersion: "v1.0" },
    },
    {
      manifests: [
        pod({ securityContext: { sysctls: [{ name: "net.ipv4.ip_local_reserved_ports", value: "1" }] } }),
      ],
      config: { podSecurityVersion: "v1.27" },
    },
    {
      manifests: [
        pod({
          securityContext: {
            sysctls: [
              { name: "net.ipv4.tcp_keepalive_time", value: "1" },
              { name: "net.ipv4.tcp_fin_timeout", value: "1" },
              { name: "net.ipv4.tcp_keepalive_intvl", value: "1" },
              { name: "net.ipv4.tcp_keepalive_probes", value: "1" },
            ],
          },
        }),
      ],
      config: { podSecurityVersion: "v1.29" },
    },
    {
      manifests: [
        pod({
          securityContext: {
            sysctls: [
              { name: "net.ipv4.tcp_rmem", value: "1" },
              { name: "net.ipv4.tcp_wmem", value: "1" },
            ],
          },
        }),
      ],
      config: { podSecurityVersion: "v1.32" },
    },
    {
      manifests: [
        pod({
          securityContext: {
            sysctls: [
              { name: "net.ipv4.tcp_slow_start_after_idle", value: "1" },
              { name: "net.ipv4.tcp_notsent_lowat", value: "1" },
            ],
          },
        }),
      ],
      config: { podSecurityVersion: "v1.37" },
    },
  ],
};
