package dev.emrys.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A queue that serves its keys in turn, and the elements of one key in their order. Not thread-safe. */
final class FairQueue<K, T> {
    private final Map<K, Deque<T>> waiting = new LinkedHashMap<>();
    private int size;

    void add(K key, T element) {
        waiting.computeIfAbsent(key, unused -> new ArrayDeque<>()).add(element);
        size++;
    }

    /** The next element; its key is then the last in turn. */
    Optional<T> poll() {
        Iterator<Map.Entry<K, Deque<T>>> first = waiting.entrySet().iterator();
        if (!first.hasNext()) {
            return Optional.empty();
        }
        Map.Entry<K, Deque<T>> entry = first.next();
        K key = entry.getKey();
        Deque<T> elements = entry.getValue();
        first.remove();
        T element = elements.remove();
        if (!elements.isEmpty()) {
            waiting.put(key, elements);
        }
        size--;
        return Optional.of(element);
    }

    int size() {
        return size;
    }
}
