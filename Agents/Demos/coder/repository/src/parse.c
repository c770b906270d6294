#include "csv.h"

/* Where the next character goes. */
struct cursor {
    struct csv_record *record;
    size_t used;
};

static int append(struct cursor *cursor, char c)
{
    if (cursor->used >= CSV_MAX_TEXT)
        return -1;
    cursor->record->text[cursor->used++] = c;
    return 0;
}

static int start_field(struct cursor *cursor)
{
    if (cursor->record->count >= CSV_MAX_FIELDS)
        return -1;
    cursor->record->start[cursor->record->count++] = cursor->used;
    return 0;
}

int csv_parse_record(const char *line, struct csv_record *record)
{
    struct cursor cursor = {record, 0};
    int in_quotes = 0;
    size_t i;

    record->count = 0;
    if (start_field(&cursor) != 0)
        return -1;

    for (i = 0; line[i] != '\0' && (in_quotes || line[i] != '\n'); i++) {
        char c = line[i];

        if (in_quotes && c == '"') {
            if (line[i + 1] == '"') {
                /* A quote written twice stands for one. */
                if (append(&cursor, '"') != 0)
                    return -1;
            } else {
                in_quotes = 0;
            }
        } else if (!in_quotes && c == '"') {
            in_quotes = 1;
        } else if (!in_quotes && c == ',') {
            if (append(&cursor, '\0') != 0 || start_field(&cursor) != 0)
                return -1;
        } else if (append(&cursor, c) != 0) {
            return -1;
        }
    }

    if (in_quotes)
        return -1;
    return append(&cursor, '\0');
}

const char *csv_field(const struct csv_record *record, size_t index)
{
    return index < record->count ? record->text + record->start[index] : NULL;
}
