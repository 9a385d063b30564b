#define _GNU_SOURCE
#include "filter.h"

#include "process.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "The filter of system calls knows x86-64 and arm64."
#endif

// Of clone(2): CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
enum { NEW_NAMESPACE = 0x7E020080, INSERT_INPUT = 0x5412 /* TIOCSTI */, LINUX_CONSOLE = 0x541C /* TIOCLINUX */ };
// Of setpriority(2) and of ioprio_set(2), which glibc does not have.
enum { PRIORITY_OF_USER = 2, IO_PRIORITY_OF_USER = 3, SET_LEASE = 1024 /* F_SETLEASE */, FIRST_PROCESS = 1 };
// Of prctl(2).
enum { SET_DUMPABLE = 4 };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)
#define REFUSAL(error) ANSWER(SECCOMP_RET_ERRNO | (error))
#define REFUSE(number, error) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), REFUSAL(error)
// Goes on with the next `skip` statements only for this call.
#define FOR(number, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, skip)
// This call with this value as its argument of this number.
#define REFUSE_VALUE(number, index, value, error) FOR(number, 4), LOAD(args[index]), REFUSE(value, error), LOAD(nr)
#define REFUSE_VALUES(number, first, second, error) \
    FOR(number, 7), LOAD(args[0]), REFUSE(first, error), LOAD(args[1]), REFUSE(second, error), LOAD(nr)
#define ALLOW_VALUE(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), ANSWER(SECCOMP_RET_ALLOW)

#define BEGINNING                                                                                               \
    LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0), ANSWER(SECCOMP_RET_KILL_PROCESS), LOAD(nr), \
        /* The numbers of x32; no call of this architecture is so high. */                                     \
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), ANSWER(SECCOMP_RET_KILL_PROCESS)

#define REFUSED_CALLS                                                                                            \
    /* Namespaces, mounts. */                                                                                    \
    REFUSE(SYS_unshare, EPERM), REFUSE(SYS_setns, EPERM), REFUSE(SYS_mount, EPERM), REFUSE(SYS_umount2, EPERM), \
        REFUSE(SYS_pivot_root, EPERM), REFUSE(SYS_chroot, EPERM), REFUSE(SYS_move_mount, EPERM),                \
        REFUSE(SYS_open_tree, EPERM), REFUSE(SYS_fsopen, EPERM), REFUSE(SYS_fsconfig, EPERM),                   \
        REFUSE(SYS_fsmount, EPERM), REFUSE(SYS_fspick, EPERM), REFUSE(SYS_mount_setattr, EPERM),                \
        /* Other processes. */                                                                                   \
        REFUSE(SYS_ptrace, EPERM), REFUSE(SYS_process_vm_readv, EPERM), REFUSE(SYS_process_vm_writev, EPERM),   \
        REFUSE(SYS_process_madvise, EPERM), REFUSE(SYS_kcmp, EPERM), REFUSE(SYS_pidfd_getfd, EPERM),            \
        /* What a filter cannot see into: programs go another way when it is not there. */                      \
        REFUSE(SYS_clone3, ENOSYS), REFUSE(SYS_io_uring_setup, ENOSYS), REFUSE(SYS_io_uring_enter, ENOSYS),     \
        REFUSE(SYS_io_uring_register, ENOSYS),                                                                  \
        /* Memory that belongs to no process, so that nobody sees how much it is. */                            \
        REFUSE(SYS_memfd_create, ENOSYS), REFUSE(SYS_memfd_secret, ENOSYS), REFUSE(SYS_shmget, ENOSYS),         \
        REFUSE(SYS_semget, ENOSYS), REFUSE(SYS_msgget, ENOSYS),                                                 \
        /* Parts of the kernel that no step needs. */                                                           \
        REFUSE(SYS_userfaultfd, EPERM), REFUSE(SYS_perf_event_open, EPERM), REFUSE(SYS_bpf, EPERM),             \
        REFUSE(SYS_keyctl, EPERM), REFUSE(SYS_add_key, EPERM), REFUSE(SYS_request_key, EPERM),                  \
        REFUSE(SYS_open_by_handle_at, EPERM), REFUSE(SYS_quotactl, EPERM), REFUSE(SYS_acct, EPERM),             \
        REFUSE(SYS_swapon, EPERM), REFUSE(SYS_swapoff, EPERM), REFUSE(SYS_reboot, EPERM),                       \
        REFUSE(SYS_syslog, EPERM), REFUSE(SYS_init_module, EPERM), REFUSE(SYS_finit_module, EPERM),             \
        REFUSE(SYS_delete_module, EPERM), REFUSE(SYS_kexec_load, EPERM),                                        \
        REFUSE(SYS_fanotify_init, EPERM),                                                                       \
        FOR(SYS_clone, 4), LOAD(args[0]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACE, 0, 1),            \
        REFUSAL(EPERM), ANSWER(SECCOMP_RET_ALLOW),                                                              \
        REFUSE_VALUE(SYS_ioctl, 1, INSERT_INPUT, EPERM), REFUSE_VALUE(SYS_ioctl, 1, LINUX_CONSOLE, EPERM),       \
        /* Whoever opens a file with a lease waits: inputs are the stored files. */                             \
        REFUSE_VALUE(SYS_fcntl, 1, SET_LEASE, EPERM),                                                           \
        /* Nobody hides from the first process: nothing happens, and that is all right. */                      \
        REFUSE_VALUE(SYS_prctl, 0, SET_DUMPABLE, 0),                                                            \
        /* The first process watches the others, and is the same user: nobody limits it or slows it down. */    \
        FOR(SYS_prlimit64, 4), LOAD(args[0]), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), REFUSAL(EPERM),     \
        LOAD(nr), REFUSE_VALUE(SYS_sched_setaffinity, 0, FIRST_PROCESS, EPERM),                                 \
        REFUSE_VALUE(SYS_sched_setscheduler, 0, FIRST_PROCESS, EPERM),                                          \
        REFUSE_VALUE(SYS_sched_setparam, 0, FIRST_PROCESS, EPERM),                                              \
        REFUSE_VALUE(SYS_sched_setattr, 0, FIRST_PROCESS, EPERM),                                               \
        REFUSE_VALUES(SYS_setpriority, PRIORITY_OF_USER, FIRST_PROCESS, EPERM),                                 \
        REFUSE_VALUES(SYS_ioprio_set, IO_PRIORITY_OF_USER, FIRST_PROCESS, EPERM)

static int apply(const struct sock_filter *code, unsigned short length) {
    struct sock_fprog program = {length, (struct sock_filter *)code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int apply_filter(bool network) {
    static const struct sock_filter without_network[] = {
        BEGINNING, REFUSED_CALLS,
        FOR(SYS_socket, 4), LOAD(args[0]), ALLOW_VALUE(AF_UNIX), REFUSAL(EAFNOSUPPORT),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    static const struct sock_filter with_network[] = {
        BEGINNING, REFUSED_CALLS,
        FOR(SYS_socket, 10), LOAD(args[0]), ALLOW_VALUE(AF_UNIX), ALLOW_VALUE(AF_INET), ALLOW_VALUE(AF_INET6),
        ALLOW_VALUE(AF_NETLINK), REFUSAL(EAFNOSUPPORT),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    return network ? apply(with_network, sizeof with_network / sizeof *with_network)
                   : apply(without_network, sizeof without_network / sizeof *without_network);
}

int confine_process(int descriptor) {
    const struct sock_filter code[] = {
        BEGINNING,
        ALLOW_VALUE(SYS_pread64), ALLOW_VALUE(SYS_exit_group), ALLOW_VALUE(SYS_rt_sigreturn),
        ALLOW_VALUE(SYS_brk), ALLOW_VALUE(SYS_munmap), ALLOW_VALUE(SYS_mremap), ALLOW_VALUE(SYS_madvise),
        ALLOW_VALUE(SYS_futex), ALLOW_VALUE(SYS_getrandom),
        FOR(SYS_write, 4), LOAD(args[0]), ALLOW_VALUE((unsigned)descriptor), REFUSAL(EPERM),
        // Memory that is not a file's, and not executed.
        FOR(SYS_mmap, 6), LOAD(args[2]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), REFUSAL(EPERM),
        LOAD(args[3]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1), ANSWER(SECCOMP_RET_ALLOW),
        REFUSAL(EPERM),
    };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    return apply(code, sizeof code / sizeof *code);
}
