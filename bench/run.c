// Runs a command and says what it cost: one JSON object on standard output.
//
//   run COMMAND [ARG …]      {"seconds":…,"cpu":…,"mb":…,"written":…,"status":…}
//
// written is what the file system was asked to write, in bytes, as the kernel counts it for the finished process.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double of(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv) {
    if (argc < 2) return fprintf(stderr, "usage: run COMMAND [ARG …]\n"), 2;
    double start = seconds();
    pid_t pid = fork();
    if (pid == 0) {
        dup2(2, 1); // the command's own words are not part of the answer
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    int status;
    struct rusage u;
    if (pid < 0 || wait4(pid, &status, 0, &u) < 0) return perror("run"), 1;
    printf("{\"seconds\":%.3f,\"cpu\":%.3f,\"mb\":%.1f,\"written\":%lld,\"status\":%d}\n", seconds() - start,
           of(u.ru_utime) + of(u.ru_stime), (double)u.ru_maxrss / 1024, (long long)u.ru_oublock * 512,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
