/* The functions of glibc that libstdc++ and libgcc_s need and musl does not have. Loaded in place of glibc's ld-linux-x86-64.so.2. */
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded;
struct { unsigned vendor, type, subtype, features[1]; } __cpu_model;

int __cpu_indicator_init(void)
{
    return 0;
}

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, locale_t locale)
{
    return strftime_l(text, size, format, time, locale);
}

uint32_t arc4random(void)
{
    uint32_t number;
    getrandom(&number, sizeof number, 0);
    return number;
}

/* The destructors of thread-local objects of C++, last one first. */
struct destructor { void (*run)(void *); void *object; struct destructor *next; };
static pthread_key_t destructors;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void run_all(void *first)
{
    for (struct destructor *one = first, *next; one; one = next) {
        next = one->next;
        one->run(one->object);
        free(one);
    }
}

static void create_key(void)
{
    pthread_key_create(&destructors, run_all);
}

int __cxa_thread_atexit_impl(void (*run)(void *), void *object, void *library)
{
    struct destructor *one = malloc(sizeof *one);
    pthread_once(&once, create_key);
    *one = (struct destructor){ run, object, pthread_getspecific(destructors) };
    return pthread_setspecific(destructors, one);
}

/* libgcc_s asks for the unwind table of a code address and does not search by itself. */
struct dl_find_object {
    unsigned long long flags;
    void *start, *end;
    struct link_map *map;
    void *table;
    unsigned long long reserved[7];
};
struct search { uintptr_t code; struct dl_find_object *result; int found; };

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;
    uintptr_t low = UINTPTR_MAX, high = 0;
    void *table = NULL;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr, end = start + header->p_memsz;
        if (header->p_type == PT_LOAD) {
            low = start < low ? start : low;
            high = end > high ? end : high;
        } else if (header->p_type == PT_GNU_EH_FRAME) {
            table = (void *)start;
        }
    }

    if (search->code < low || search->code >= high || !table)
        return 0;
    memset(search->result, 0, sizeof *search->result);
    search->result->start = (void *)low;
    search->result->end = (void *)high;
    search->result->table = table;
    search->found = 1;
    return 1;
}

int _dl_find_object(void *code, struct dl_find_object *result)
{
    struct search search = { (uintptr_t)code, result, 0 };
    dl_iterate_phdr(visit, &search);
    return search.found ? 0 : -1;
}
