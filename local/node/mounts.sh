# Runs in the node's own mount namespace: what is mounted here, and by containerd and kubelet later, is seen by nobody
# else and ends with the node's last process. Arguments: node folder, folder of the run-time state, resolv.conf.
set -e
node=$1 run=$2 resolver=$3

mount --make-rshared /
own_resolver=$(readlink -f /etc/resolv.conf)

mkdir -p "$node/run"
mount --bind "$run" "$node/run"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$run" /run/lock /run/cni
mount --bind "$node/run" "$run"
umount "$node/run"
rmdir "$node/run"

# No look-up may reach this machine's resolver.
mkdir -p "$(dirname "$own_resolver")"
[ -e "$own_resolver" ] || : > "$own_resolver"
mount --bind "$resolver" "$own_resolver"

mount --bind "$node/kubelet" /var/lib/kubelet
mount --bind "$node/pod-logs" /var/log/pods
mount -t tmpfs tmpfs /var/log/containers
mount -t tmpfs tmpfs /var/lib/cni

# kubelet insists on these kernel parameters. It is shown what it wants; the machine's own stay as they are.
pretend() {
  mkdir -p "/run/sysctl/$(dirname "$1")"
  echo "$2" > "/run/sysctl/$1"
  mount --bind "/run/sysctl/$1" "/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000

: > "$run/mounted"
exec sleep infinity
