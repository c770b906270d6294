#include "csv.h"

#include <string.h>

int csv_format_field(const char *text, char *out, size_t size)
{
    int quoted = strpbrk(text, ",\"\n") != NULL;
    size_t used = 0;
    size_t i;

    if (quoted && used + 1 < size)
        out[used++] = '"';
    for (i = 0; text[i] != '\0'; i++) {
        if (used + 2 >= size)
            return -1;
        if (text[i] == '"')
            out[used++] = '"';
        out[used++] = text[i];
    }
    if (used + 1 + (size_t)quoted > size)
        return -1;
    if (quoted)
        out[used++] = '"';
    out[used] = '\0';
    return 0;
}
