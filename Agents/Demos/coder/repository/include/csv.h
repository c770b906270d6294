#ifndef CSV_H
#define CSV_H

#include <stddef.h>

#define CSV_MAX_FIELDS 16
#define CSV_MAX_ROWS 64
#define CSV_MAX_TEXT 256

/* One record: the texts of its fields, unquoted, one after the other. */
struct csv_record {
    size_t count;
    size_t start[CSV_MAX_FIELDS];
    char text[CSV_MAX_TEXT];
};

/* A header and the rows below it. */
struct csv_table {
    struct csv_record header;
    size_t count;
    struct csv_record rows[CSV_MAX_ROWS];
};

/* Splits a line, which ends at '\n' or '\0'. Returns 0, or -1 for a quote that is never closed or a line that is too
   long. */
int csv_parse_record(const char *line, struct csv_record *record);

/* The text of a field, or NULL where there is none. */
const char *csv_field(const struct csv_record *record, size_t index);

/* Reads a header and rows, one a line. Empty lines are skipped. Returns 0 or -1. */
int csv_parse_table(const char *text, struct csv_table *table);

/* The index of the column with this name, or -1. */
int csv_find_column(const struct csv_table *table, const char *name);

/* The sum of the whole numbers in a column. Returns 0, or -1 where there is no such column. */
int csv_sum_column(const struct csv_table *table, const char *name, long *sum);

/* Writes a field, in quotes if it holds a comma, a quote or a line end. Returns 0, or -1 where `size` is too small. */
int csv_format_field(const char *text, char *out, size_t size);

#endif
