// standalone: a main for a fuzz target without libFuzzer: runs every file of the given folders (or the files) once.
// A crash or a failed assertion ends the program, and the last line names the input.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Each input gets its own block of exactly its size, so that a read past its end is seen by AddressSanitizer.
static int run_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) return printf("not ok cannot open %s\n", path), 0;
    struct stat st;
    size_t size = fstat(fileno(f), &st) ? 0 : (size_t)st.st_size;
    uint8_t *data = malloc(size ? size : 1);
    size_t got = data ? fread(data, 1, size, f) : 0;
    fclose(f);
    printf("# %s\n", path);
    fflush(stdout);
    if (got == size) LLVMFuzzerTestOneInput(data, size);
    free(data);
    return got == size;
}

static int not_hidden(const struct dirent *d) {
    return d->d_name[0] != '.';
}

static int run_folder(const char *path, int *n) {
    struct dirent **names;
    int count = scandir(path, &names, not_hidden, alphasort), ok = 1;
    if (count < 0) return ++*n, run_file(path);
    for (int i = 0; i < count; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        ok &= run_file(file);
        ++*n;
        free(names[i]);
    }
    free(names);
    return ok;
}

int main(int argc, char **argv) {
    int n = 0, ok = 1;
    for (int i = 1; i < argc; i++) ok &= run_folder(argv[i], &n);
    if (!n) return printf("not ok no corpus in %s\n", argc > 1 ? argv[1] : "no folder"), 1;
    if (ok) printf("ok %s: %d inputs\n", argv[0], n);
    return !ok;
}
