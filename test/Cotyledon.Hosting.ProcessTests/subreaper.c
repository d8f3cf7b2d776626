/* Runs a program, becomes the parent of the processes that it leaves behind, and writes how each process has ended. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    int status;
    pid_t child;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (count > 1 && fork() == 0) {
        execvp(arguments[1], arguments + 1);
        _exit(127);
    }

    while ((child = wait(&status)) > 0) {
        if (WIFEXITED(status))
            printf("%d has exited with %d\n", child, WEXITSTATUS(status));
        else
            printf("%d was killed by signal %d\n", child, WTERMSIG(status));
        fflush(stdout);
    }

    return 0;
}
