/** Linux system call numbers of the calls that the filter names, from the kernel's own headers (uapi, 6.1). */

interface Numbers {
  x86_64: number | undefined;
  /** The generic table, which arm64 uses. */
  arm64: number | undefined;
}

/** Calls that a run never needs and that reach for other processes, mounts, namespaces or the kernel itself: EPERM. */
export const deniedCalls = {
  // Other processes
  ptrace: { x86_64: 101, arm64: 117 },
  process_vm_readv: { x86_64: 310, arm64: 270 },
  process_vm_writev: { x86_64: 311, arm64: 271 },
  process_madvise: { x86_64: 440, arm64: 440 },
  kcmp: { x86_64: 312, arm64: 272 },
  pidfd_getfd: { x86_64: 438, arm64: 438 },
  // Mounts and files by handle
  mount: { x86_64: 165, arm64: 40 },
  umount2: { x86_64: 166, arm64: 39 },
  pivot_root: { x86_64: 155, arm64: 41 },
  chroot: { x86_64: 161, arm64: 51 },
  open_tree: { x86_64: 428, arm64: 428 },
  move_mount: { x86_64: 429, arm64: 429 },
  fsopen: { x86_64: 430, arm64: 430 },
  fsconfig: { x86_64: 431, arm64: 431 },
  fsmount: { x86_64: 432, arm64: 432 },
  fspick: { x86_64: 433, arm64: 433 },
  mount_setattr: { x86_64: 442, arm64: 442 },
  name_to_handle_at: { x86_64: 303, arm64: 264 },
  open_by_handle_at: { x86_64: 304, arm64: 265 },
  fanotify_init: { x86_64: 300, arm64: 262 },
  quotactl: { x86_64: 179, arm64: 60 },
  quotactl_fd: { x86_64: 443, arm64: 443 },
  swapon: { x86_64: 167, arm64: 224 },
  swapoff: { x86_64: 168, arm64: 225 },
  // Namespaces (clone with CLONE_NEW* is judged by its flags in seccomp.ts)
  unshare: { x86_64: 272, arm64: 97 },
  setns: { x86_64: 308, arm64: 268 },
  sethostname: { x86_64: 170, arm64: 161 },
  setdomainname: { x86_64: 171, arm64: 162 },
  // Kernel key rings are not confined by a user namespace's files
  keyctl: { x86_64: 250, arm64: 219 },
  add_key: { x86_64: 248, arm64: 217 },
  request_key: { x86_64: 249, arm64: 218 },
  // Large kernel surfaces, the usual way out of a sandbox
  bpf: { x86_64: 321, arm64: 280 },
  perf_event_open: { x86_64: 298, arm64: 241 },
  userfaultfd: { x86_64: 323, arm64: 282 },
  io_uring_setup: { x86_64: 425, arm64: 425 },
  io_uring_enter: { x86_64: 426, arm64: 426 },
  io_uring_register: { x86_64: 427, arm64: 427 },
  personality: { x86_64: 135, arm64: 92 },
  modify_ldt: { x86_64: 154, arm64: undefined },
  // The machine
  kexec_load: { x86_64: 246, arm64: 104 },
  kexec_file_load: { x86_64: 320, arm64: 294 },
  init_module: { x86_64: 175, arm64: 105 },
  finit_module: { x86_64: 313, arm64: 273 },
  delete_module: { x86_64: 176, arm64: 106 },
  reboot: { x86_64: 169, arm64: 142 },
  acct: { x86_64: 163, arm64: 89 },
  syslog: { x86_64: 103, arm64: 116 },
  settimeofday: { x86_64: 164, arm64: 170 },
  clock_settime: { x86_64: 227, arm64: 112 },
  clock_adjtime: { x86_64: 305, arm64: 266 },
  adjtimex: { x86_64: 159, arm64: 171 },
  vhangup: { x86_64: 153, arm64: 58 },
  nfsservctl: { x86_64: 180, arm64: 42 },
  lookup_dcookie: { x86_64: 212, arm64: 18 },
  iopl: { x86_64: 172, arm64: undefined },
  ioperm: { x86_64: 173, arm64: undefined },
  uselib: { x86_64: 134, arm64: undefined },
} as const satisfies Record<string, Numbers>;

/** Calls that are judged by their arguments. */
export const judgedCalls = {
  clone: { x86_64: 56, arm64: 220 },
  clone3: { x86_64: 435, arm64: 435 },
  socket: { x86_64: 41, arm64: 198 },
  socketpair: { x86_64: 53, arm64: 199 },
  ioctl: { x86_64: 16, arm64: 29 },
} as const satisfies Record<string, Record<keyof Numbers, number>>;
