/* Changes to a root directory and to the user of distroless images, which no program inside could do, and runs a program there. */
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    if (count < 4 || chroot(arguments[1]) || chdir(arguments[2]) || setgroups(0, NULL) || setgid(1654) || setuid(1654)
        || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
        perror("enter");
        return 1;
    }

    execv(arguments[3], arguments + 3);
    perror(arguments[3]);
    return 1;
}
