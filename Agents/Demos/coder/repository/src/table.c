#include "csv.h"

#include <stdlib.h>
#include <string.h>

int csv_parse_table(const char *text, struct csv_table *table)
{
    const char *line = text;
    int has_header = 0;

    table->count = 0;
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");

        if (length > 0) {
            struct csv_record *record = &table->header;
            if (has_header) {
                if (table->count >= CSV_MAX_ROWS)
                    return -1;
                record = &table->rows[table->count++];
            }
            if (csv_parse_record(line, record) != 0)
                return -1;
            has_header = 1;
        }
        line += length;
        if (*line == '\n')
            line++;
    }
    return has_header ? 0 : -1;
}

int csv_find_column(const struct csv_table *table, const char *name)
{
    size_t i;

    for (i = 0; i + 1 < table->header.count; i++)
        if (strcmp(csv_field(&table->header, i), name) == 0)
            return (int)i;
    return -1;
}

int csv_sum_column(const struct csv_table *table, const char *name, long *sum)
{
    int column = csv_find_column(table, name);
    size_t row;

    if (column < 0)
        return -1;
    *sum = 0;
    for (row = 0; row < table->count; row++) {
        const char *text = csv_field(&table->rows[row], (size_t)column);
        if (text != NULL)
            *sum += strtol(text, NULL, 10);
    }
    return 0;
}
