// Reading and writing the messages of the protocol.
#ifdef __linux__

#include "Internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *const felt_names[FELT_COUNT] = {"network", "memory", "processes", "file-size", "space", "cpu",
                                              "disk"};

int fail(struct failure *failure, const char *step, int error, const char *format, ...) {
    failure->error = error;
    snprintf(failure->step, sizeof failure->step, "%s", step);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->detail, sizeof failure->detail, format, arguments);
    va_end(arguments);
    return -1;
}

const char *message_next(const struct message *message, struct position *position) {
    while (position->part < 2) {
        if (position->offset < message->lengths[position->part]) {
            const char *text = message->strings[position->part] + position->offset;
            size_t left = message->lengths[position->part] - position->offset;
            size_t length = strnlen(text, left);
            // A last string without its NUL is not taken: it may have been cut.
            if (length == left) position->offset = message->lengths[position->part];
            else {
                position->offset += length + 1;
                return text;
            }
        }
        position->part++;
        position->offset = 0;
    }
    return NULL;
}

const char *value_of(const char *string, const char *key) {
    size_t length = strlen(key);
    return strncmp(string, key, length) == 0 && string[length] == '=' ? string + length + 1 : NULL;
}

void writer_start(struct writer *writer, uint32_t kind, uint32_t id) {
    struct cbranch_header header = {.kind = kind, .id = id};
    memcpy(writer->bytes, &header, sizeof header);
    writer->length = sizeof header;
}

void writer_add(struct writer *writer, const char *key, const char *format, ...) {
    size_t room = sizeof writer->bytes - writer->length;
    int prefix = snprintf(writer->bytes + writer->length, room, "%s=", key);
    if (prefix < 0 || (size_t)prefix >= room) return;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(writer->bytes + writer->length + prefix, room - (size_t)prefix, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)(prefix + length) >= room) return;
    writer->length += (size_t)(prefix + length) + 1;
}

void writer_add_failure(struct writer *writer, const char *request, const struct failure *failure) {
    writer_add(writer, "request", "%s", request);
    writer_add(writer, "step", "%s", failure->step);
    writer_add(writer, "errno", "%d", failure->error);
    writer_add(writer, "detail", "%s", failure->detail);
    if (failure->remedy[0]) writer_add(writer, "remedy", "%s", failure->remedy);
}

bool parse_number(const char *text, uint64_t *value) {
    if (text[0] < '0' || text[0] > '9') return false;
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || *end != 0) return false;
    *value = number;
    return true;
}

#else
typedef int cbranch_nothing_here;
#endif
