/* Runs a program as on a kernel that lacks system calls: the rest of the arguments, after the names of the calls and "--". */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int i = 1;
    for (; i < count && strcmp(arguments[i], "--") != 0; i++) {
        int call = seccomp_syscall_resolve_name(arguments[i]);
        if (call == __NR_SCMP_ERROR || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0) != 0) {
            fprintf(stderr, "The system call %s cannot be denied.\n", arguments[i]);
            return 1;
        }
    }

    if (i + 1 >= count || seccomp_load(filter) != 0) {
        fprintf(stderr, "Nothing to run, or the filter was refused.\n");
        return 1;
    }

    seccomp_release(filter);
    execv(arguments[i + 1], arguments + i + 1);
    perror(arguments[i + 1]);
    return 1;
}
